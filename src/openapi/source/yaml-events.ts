import { type Event, parseEvents, YAMLException } from 'js-yaml'
import { err, messageOf, ok, type Result } from '../../util/index.ts'
import { joinFlowLines } from './join-flow-lines.ts'
import { withoutTagsBesideAnchors } from './tagged-anchors.ts'
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
  /** The text, or a copy of the same length, in which the names of anchors stand where the events say. */
  readonly anchored: string
  /** The text was changed for parsing: a scalar cannot be trusted to be free of line breaks. */
  readonly repaired: boolean
}

/**
 * The events of a YAML or JSON text. What most parsers accept and this one does not is repaired in a copy of the same length: offsets
 * are those of `text`, and scalars must be decoded from `text`.
 */
export function yamlEvents(text: string, maxDepth: number): Result<YamlEvents, YamlFailure> {
  let shallowLines: readonly number[] = []
  let unquotedKeys: ReadonlySet<number> = new Set()
  let source = text
  let events = attempt(source, maxDepth)
  if (!events.ok && events.error.reason.startsWith('bad indentation')) {
    source = withoutTagsBesideAnchors(text)
    if (source !== text) events = attempt(source, maxDepth)
  }
  let parsed = source
  if (isShallow(events)) {
    const joined = joinFlowLines(source)
    shallowLines = joined.shallow
    parsed = joined.text
    events = attempt(parsed, maxDepth)
  }
  // What is wrong with a repaired text is not the author's error, but what was wrong before.
  const failure = events
  if (!events.ok && !events.error.reason.includes('maxDepth')) {
    const masked = maskUnquotedKeys(parsed)
    unquotedKeys = masked.keys
    if (masked.keys.size > 0) events = attempt(masked.text, maxDepth)
    // Brackets in unquoted keys may have hidden shallow lines.
    if (isShallow(events) && parsed === source) {
      const joined = joinFlowLines(masked.text)
      shallowLines = joined.shallow
      events = attempt(joined.text, maxDepth)
    }
  }
  if (!events.ok) return failure.ok ? events : failure
  const repaired = source !== text || shallowLines.length > 0 || unquotedKeys.size > 0
  return ok({ events: events.value, unquotedKeys, shallowLines, anchored: source, repaired })
}

function isShallow(events: Result<unknown, YamlFailure>): boolean {
  return !events.ok && events.error.reason === 'deficient indentation'
}

function attempt(text: string, maxDepth: number): Result<readonly Event[], YamlFailure> {
  try {
    return ok(parseEvents(text, { maxDepth }))
  } catch (error) {
    // Its documentation asks to expect any exception, not only its own.
    if (error instanceof YAMLException) return err({ reason: error.reason, offset: error.mark?.position })
    return err({ reason: messageOf(error), offset: undefined })
  }
}
