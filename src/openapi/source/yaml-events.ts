import { type Event, parseEvents, YAMLException } from 'js-yaml'
import { err, ok, type Result } from '../../util/index.ts'

export interface YamlFailure {
  readonly reason: string
  readonly offset: number | undefined
}

export interface YamlEvents {
  readonly events: readonly Event[]
  /** Where unquoted keys start that are no YAML (`{$request.query.url}/data:`) and were read as if they had been quoted. */
  readonly unquotedKeys: ReadonlySet<number>
}

/** The events of a YAML or JSON text. Offsets are those of `text`, and scalars must be decoded from `text`. */
export function yamlEvents(text: string, maxDepth: number): Result<YamlEvents, YamlFailure> {
  const asWritten = attempt(text, maxDepth)
  if (asWritten.ok) return ok({ events: asWritten.value, unquotedKeys: new Set() })
  const masked = maskUnquotedKeys(text)
  if (masked.keys.size === 0) return asWritten
  const repaired = attempt(masked.text, maxDepth)
  return repaired.ok ? ok({ events: repaired.value, unquotedKeys: masked.keys }) : asWritten
}

function attempt(text: string, maxDepth: number): Result<readonly Event[], YamlFailure> {
  try {
    return ok(parseEvents(text, { maxDepth }))
  } catch (error) {
    // Its documentation asks to expect any exception, not only its own.
    if (error instanceof YAMLException) return err({ reason: error.reason, offset: error.mark?.position })
    return err({ reason: error instanceof Error ? error.message : String(error), offset: undefined })
  }
}

// A line that begins with `{`, has something after the closing `}` (or a `#` inside), and ends as a key does.
const unquotedKey = /^([ \t]*(?:[-?] +)*)(\{[^\n\r'"]*?)(:(?=[ \t\r\n]|$))/gm

/** Same length, so that every offset stays: what would be flow syntax in a key becomes letters. */
function maskUnquotedKeys(text: string): { readonly text: string; readonly keys: ReadonlySet<number> } {
  const keys = new Set<number>()
  const masked = text.replace(unquotedKey, (line: string, indent: string, key: string, colon: string, offset: number) => {
    if (!key.includes('$')) return line
    keys.add(offset + indent.length)
    return indent + key.replace(/[{}[\],#&*!|>%@`]/g, 'x') + colon
  })
  return { text: masked, keys }
}
