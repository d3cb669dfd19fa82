import { InvalidArgumentError } from 'commander'
import type { ReportFormat } from '../../lint/index.ts'

// The linter itself is loaded only when there is something to lint.
const reportFormats: readonly ReportFormat[] = ['pretty', 'stylish', 'json', 'sarif', 'github', 'junit', 'codeclimate', 'agent']

/** One report to write. Without a file it goes to standard output. */
export interface Output {
  readonly format: ReportFormat
  readonly file: string | undefined
}

/**
 * Pairs `--format` and `-o` in the order in which they were given: `-o` is for the format before it, or after it where there is none
 * before. `-o sarif=FILE` names both. A file alone tells its format by its ending.
 */
export class OutputList {
  readonly #outputs: { format: ReportFormat | undefined; file: string | undefined }[] = []

  addFormat = (name: string): OutputList => {
    if (!isFormat(name)) throw new InvalidArgumentError(`Allowed choices are ${reportFormats.join(', ')}.`)
    const last = this.#outputs.at(-1)
    if (last !== undefined && last.format === undefined) last.format = name
    else this.#outputs.push({ format: name, file: undefined })
    return this
  }

  addFile = (text: string): OutputList => {
    const [, format = '', named = ''] = /^([a-z]+)=(.+)$/s.exec(text) ?? []
    const last = this.#outputs.at(-1)
    if (isFormat(format)) this.#outputs.push({ format, file: named })
    else if (last !== undefined && last.file === undefined) last.file = text
    else this.#outputs.push({ format: undefined, file: text })
    return this
  }

  list(isTerminal: boolean): readonly Output[] {
    if (this.#outputs.length === 0) return [{ format: isTerminal ? 'pretty' : 'stylish', file: undefined }]
    return this.#outputs.map(({ format, file }) => ({ format: format ?? formatOfFile(file ?? ''), file }))
  }
}

function isFormat(name: string): name is ReportFormat {
  return (reportFormats as readonly string[]).includes(name)
}

function formatOfFile(file: string): ReportFormat {
  if (/\.sarif(?:\.json)?$/i.test(file)) return 'sarif'
  if (/\.xml$/i.test(file)) return 'junit'
  return /\.json$/i.test(file) ? 'json' : 'stylish'
}
