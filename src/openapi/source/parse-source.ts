import { DocumentError } from '../document-error.ts'
import { LineIndex } from '../position.ts'
import { compose } from './compose.ts'
import type { DocumentLimits } from './limits.ts'
import type { NodeTable } from './node-table.ts'
import type { DocumentProblem } from './problem.ts'
import { yamlEvents } from './yaml-events.ts'

/** A text and where everything stands in it. */
export interface Source {
  readonly text: string
  readonly nodes: NodeTable
  readonly lines: LineIndex
}

export interface ParsedSource {
  readonly root: unknown
  readonly source: Source
  readonly problems: readonly DocumentProblem[]
}

/** YAML 1.2 or JSON to plain data with positions. Throws a `DocumentError` when it is neither, or goes beyond a limit. */
export function parseSource(text: string, name: string, limits: DocumentLimits): ParsedSource {
  const lines = new LineIndex(text)
  const fail = (message: string, offset?: number): DocumentError =>
    new DocumentError(message, { file: name, position: offset === undefined ? undefined : lines.at(offset) })
  if (text.length > limits.maxBytes)
    throw fail(
      `expected at most ${limits.maxBytes} bytes but found ${text.length}. Raise the limit "maxBytes" to read it all the same`,
    )
  const binary = text.search(/[\0\uFFFD]/)
  if (binary !== -1 && text.charAt(binary) === '\0')
    throw fail('expected YAML or JSON text but found a NUL byte: this is a binary file', binary)
  if (/^\uFEFF?\s*$/.test(text)) throw fail('expected an OpenAPI Description but the text is empty')
  if (mostNodes(text, limits.maxNodes) > limits.maxNodes)
    throw fail(
      `expected at most ${limits.maxNodes} nodes but there may be more. Raise the limit "maxNodes" to read it all the same`,
    )
  const events = yamlEvents(text, limits.maxDepth)
  if (!events.ok) throw fail(sentence(events.error.reason, limits), events.error.offset)
  const { root, nodes, lines: index, problems } = compose(text, name, events.value, limits)
  return { root, source: { text, nodes, lines: index }, problems }
}

/**
 * No more nodes than this: each needs an indicator or a line break of its own. Counted before parsing, because the events of
 * 64 MiB of `[[[,,,` would not fit into memory. Stops above `enough`.
 */
function mostNodes(text: string, enough: number): number {
  // Below this length the count cannot exceed the limit.
  if (text.length < enough) return 0
  let count = 1
  for (let i = 0; i < text.length && count <= enough; i++) {
    switch (text.charCodeAt(i)) {
      case 0x0a: // line feed
      case 0x0d: // carriage return
      case 0x2c: // ,
      case 0x3a: // :
      case 0x5b: // [
      case 0x7b: // {
        count++
        break
      case 0x2d: // -
      case 0x3f: // ?
        // Compact `- - - a` and `? ? a`.
        if (text.charCodeAt(i + 1) <= 0x20) count++
    }
  }
  return count
}

function sentence(reason: string, limits: DocumentLimits): string {
  if (reason.includes('maxDepth'))
    return `expected at most ${limits.maxDepth} levels of nesting but found more. Raise the limit "maxDepth" to read it all the same`
  return `expected YAML or JSON but found an error: ${reason}. Correct the text here`
}
