import type { Located } from '../../openapi/index.ts'
import type { Finding } from '../rule.ts'
import { type ExpressionUse, fileEdits, type Subject } from '../subject/index.ts'

/** A finding about part of an expression: offsets in the expression, all of it without them. */
export function inUse(use: ExpressionUse, message: string, more: Partial<Finding> & Span = {}): Finding {
  const { start, end, ...rest } = more
  const { subject } = use
  const place = {
    in: subject.in,
    at: subject.at,
    start: start === undefined ? use.start : use.offsetAt(start),
    end: start === undefined ? use.end : use.offsetAt(end ?? start),
  }
  return { place, message, ...keyOf(subject), expression: use.text, ...rest }
}

/** A finding about part of a key or of a value of a link: offsets in its decoded text, all of it without them. */
export function inText(subject: Subject, message: string, more: Partial<Finding> & Span = {}): Finding {
  const { start, end, ...rest } = more
  const place = { in: subject.in, at: subject.at, ...(start === undefined ? {} : { start, end: end ?? start }) }
  return { place, message, ...keyOf(subject), ...rest }
}

/** A finding about a member of an object: its key is underlined. */
export function atMember(at: Located, message: string, more: Partial<Finding> = {}): Finding {
  return { place: { in: 'key', at }, message, ...more }
}

/** A finding about a value. */
export function atValue(at: Located, message: string, more: Partial<Finding> = {}): Finding {
  return { place: { in: 'value', at }, message, ...more }
}

/** Replaces the expression of a use by `text`, and says what the whole text is then. An edit only where it parses as it stands. */
export function replaceUse(use: ExpressionUse, text: string): Pick<Finding, 'suggestion' | 'fix'> {
  const { subject, start, end } = use
  const suggestion = wholeWith(use, text)
  return subject.mended === undefined ? { suggestion, fix: fileEdits(subject, [{ span: { start, end }, text }]) } : { suggestion }
}

/** The same, braces included. */
export function replaceEmbedded(use: ExpressionUse, text: string): Pick<Finding, 'suggestion' | 'fix'> {
  const { subject } = use
  const braces = subject.template?.bare === false ? 1 : 0
  const suggestion = wholeWith(use, text, braces)
  if (subject.mended !== undefined) return { suggestion }
  return { suggestion, fix: fileEdits(subject, [{ span: { start: use.start - braces, end: use.end + braces }, text }]) }
}

/** The key or value that a use is in, as it would be with another expression. */
export function wholeWith({ subject, text: old, templateStart }: ExpressionUse, text: string, braces: 0 | 1 = 0): string {
  const whole = subject.mended?.text ?? subject.text
  return whole.slice(0, templateStart - braces) + text + whole.slice(templateStart + old.length + braces)
}

/** In quotes, one line, shortened. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text)
}

/** `"a" or "b"` */
export function listed(texts: readonly string[]): string {
  return texts.map(quoted).join(' or ')
}

/** ` Did you mean "a" or "b"?`, or nothing. */
export function didYouMean(texts: readonly string[]): string {
  return texts.length === 0 ? '' : ` Did you mean ${listed(texts)}?`
}

interface Span {
  readonly start?: number
  readonly end?: number
}

function keyOf(subject: Subject): Partial<Finding> {
  return subject.kind === 'key' ? { key: subject.text } : {}
}
