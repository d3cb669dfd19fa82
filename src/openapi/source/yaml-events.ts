import { type Event, parseEvents, YAMLException } from 'js-yaml'
import { err, ok, type Result } from '../../util/index.ts'
import { repairIndentation } from './repair-indentation.ts'
import { maskUnquotedKeys } from './unquoted-keys.ts'

export interface YamlFailure {
  readonly reason: string
  readonly offset: number | undefined
}

export interface YamlEvents {
  readonly events: readonly Event[]
  /** Where unquoted keys start that are no YAML (`{$request.query.url}/data:`) and were read as if they had been quoted. */
  readonly unquotedKeys: ReadonlySet<number>
  /** Lines that strict YAML wants to be indented deeper. */
  readonly shallowLines: readonly number[]
  /** The text was changed for parsing: a scalar cannot be trusted to be free of line breaks. */
  readonly repaired: boolean
}

/** A repair costs a parse, so there are few of them, and fewer in a long text. */
const mostRepairs = 64
const mostRepairedUnits = 100_000_000

/**
 * The events of a YAML or JSON text. What most parsers accept and this one does not is repaired in a copy of the same length: offsets
 * are those of `text`, and scalars must be decoded from `text`.
 */
export function yamlEvents(text: string, maxDepth: number): Result<YamlEvents, YamlFailure> {
  const shallowLines: number[] = []
  let unquotedKeys: ReadonlySet<number> = new Set()
  let masked = false
  let parsed = text
  let failure: YamlFailure = { reason: 'it needs too many repairs', offset: undefined }
  for (let repairs = 0; repairs <= mostRepairs && repairs * text.length <= mostRepairedUnits; repairs++) {
    const events = attempt(parsed, maxDepth)
    if (events.ok) return ok({ events: events.value, unquotedKeys, shallowLines, repaired: parsed !== text })
    const { reason, offset } = events.error
    // What comes of the mask is not the author's error, but the one before it.
    if (!masked) failure = events.error
    if (reason === 'deficient indentation' && offset !== undefined) {
      shallowLines.push(offset)
      const repaired = repairIndentation(parsed, offset)
      if (repaired === parsed) break
      parsed = repaired
    } else if (!masked && !reason.includes('maxDepth')) {
      masked = true
      const mask = maskUnquotedKeys(parsed)
      if (mask.keys.size === 0) break
      unquotedKeys = mask.keys
      parsed = mask.text
    } else break
  }
  return err(failure)
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
