import { type Census, CensusTaker } from '../../lint/index.ts'
import { DocumentError } from '../../openapi/index.ts'
import type { CommandContext } from '../command.ts'
import { exitUnreadable } from '../exit-codes.ts'
import { inputsOf } from './inputs.ts'
import { Loader } from './load.ts'

/** `ringback census`, once its arguments are understood. */
export async function runCensus(
  paths: readonly string[],
  { json, root }: { readonly json?: true; readonly root?: string },
  context: CommandContext,
): Promise<void> {
  const { inputs, missing } = inputsOf(paths, root)
  const unreadable: string[] = missing.map(({ name, message }) => `${name}: ${message}`)
  const taker = new CensusTaker()
  const loader = new Loader(undefined)
  for (const input of inputs) {
    try {
      taker.add(await loader.read(input))
    } catch (error) {
      if (!(error instanceof DocumentError)) throw error
      unreadable.push(error.message)
    }
  }
  for (const message of unreadable) context.stderr(`${message}\n`)
  const census = taker.result()
  // A table of zeros would look like an answer.
  const isNothing = census.documents === 0 && unreadable.length > 0
  if (json === true || !isNothing)
    context.stdout(json === true ? `${JSON.stringify({ ...census, unreadable: unreadable.length }, null, 2)}\n` : table(census))
  if (unreadable.length > 0) context.exitWith(exitUnreadable)
}

function table(census: Census): string {
  const { documents, documentsWithCallbacks, documentsWithLinks, keys, links } = census
  const head = {
    documents,
    'with callbacks': documentsWithCallbacks,
    'with links': documentsWithLinks,
    'callback keys': keys,
    links,
  }
  const parts = [
    block('', head),
    block('Keys by shape', census.shapes),
    block('What keys read', census.keySources),
    block('What links read', census.linkSources),
    block('Errors and warnings', census.defects),
  ]
  return parts.filter((part) => part !== '').join('\n')
}

function block(title: string, counts: Readonly<Record<string, number>>): string {
  const rows = Object.entries(counts)
  if (rows.length === 0) return ''
  const width = Math.max(...rows.map(([name]) => name.length))
  const digits = Math.max(...rows.map(([, count]) => String(count).length))
  const lines = rows.map(([name, count]) => `  ${name.padEnd(width)}  ${String(count).padStart(digits)}\n`)
  return (title === '' ? '' : `${title}\n`) + lines.join('')
}
