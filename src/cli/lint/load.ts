import { type Reader, readDescription } from '../../loading/index.ts'
import type { DescriptionFile, OpenApiDescription } from '../../openapi/index.ts'
import type { Input } from './inputs.ts'

/** UTF-16 units of text whose files are kept for the next description. Parsed they take about ten times as much. */
const mostKept = 16_000_000

/** Reads descriptions; files that several of them share are parsed once. */
export class Loader {
  readonly #reader: Reader | undefined
  readonly #files = new Map<string | undefined, Map<string, DescriptionFile>>()
  /** Files as they are in memory: by URI, for all descriptions that have them. */
  readonly #replaced = new Map<string, DescriptionFile>()

  constructor(reader: Reader | undefined) {
    this.#reader = reader
  }

  /** `text`: the document itself, standing where `input` says. */
  async read(input: Input, text?: string): Promise<OpenApiDescription> {
    const files = this.#filesOf(input)
    if (sizeOf(files) > mostKept) files.clear()
    const description = await this.#read(input, text, files)
    // Only for files that it may read, and did: what was replaced is never a way to a file outside of its root.
    const others = [...description.files.values()].filter((file) => (this.#replaced.get(file.uri) ?? file) !== file)
    if (others.length === 0) return description
    for (const { uri } of others) files.set(uri, this.#replaced.get(uri) as DescriptionFile)
    return this.#read(input, text, files)
  }

  /** From now on a file is read so. */
  replace(file: DescriptionFile): void {
    this.#replaced.set(file.uri, file)
  }

  async #read(input: Input, text: string | undefined, files: Map<string, DescriptionFile>): Promise<OpenApiDescription> {
    return readDescription(text ?? input.name, {
      files,
      ...(input.root === undefined ? {} : { root: input.root }),
      ...(text === undefined ? {} : { file: input.name }),
      ...(this.#reader === undefined ? {} : { allowRemote: true, remoteReader: this.#reader }),
    })
  }

  /** By URI. A folder that files must stay in has files of its own. */
  #filesOf({ root, name }: Input): Map<string, DescriptionFile> {
    // Without a root it is the folder of the document.
    const key = root ?? `beside ${name}`
    const known = this.#files.get(key) ?? new Map<string, DescriptionFile>()
    this.#files.set(key, known)
    return known
  }
}

function sizeOf(files: ReadonlyMap<string, DescriptionFile>): number {
  let size = 0
  for (const { source } of files.values()) size += source?.text.length ?? 0
  return size
}
