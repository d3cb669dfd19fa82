import type { ExpressionTemplate, RuntimeExpression, TextEdit } from '../../expression/index.ts'
import { resolve, type Scope } from './resolve.ts'
import type { ExpressionUse, Subject, UsePosition } from './subject.ts'

/** Every expression of a text that is understood, with what it reads. */
export function usesOf(subject: Subject, scope: Scope | undefined): readonly ExpressionUse[] {
  const { template, mended, text } = subject
  if (template === undefined) return []
  const back = mended === undefined ? (offset: number): number => offset : backThrough(mended.edits, text.length)
  const understood = mended?.text ?? text
  return template.parts.flatMap((part): ExpressionUse[] => {
    if (part.kind !== 'embedded-expression') return []
    const { expression } = part
    const inside = template.bare ? part.span : { start: part.span.start + 1, end: part.span.end - 1 }
    return [
      {
        subject,
        expression,
        text: understood.slice(inside.start, inside.end),
        start: back(inside.start),
        end: Math.max(back(inside.start), back(inside.end)),
        templateStart: inside.start,
        position: positionOf(template, part.span.start, understood),
        resolution: scope && resolve(expression, scope),
        offsetAt: (offset) => back(inside.start + offset),
      },
    ]
  })
}

/** A template around one expression alone, as `readLinkValue` gives it. */
export function bareTemplate(expression: RuntimeExpression, text: string): ExpressionTemplate {
  const span = { start: 0, end: text.length }
  return {
    kind: 'expression-template',
    parts: [{ kind: 'embedded-expression', expression, span }],
    bare: true,
    delimiters: 'braces',
    span,
  }
}

function positionOf({ parts }: ExpressionTemplate, start: number, text: string): UsePosition {
  if (parts.length === 1) return 'whole'
  if (start === 0) return 'start'
  const before = text.slice(0, start)
  // What an expression at the start leaves open, nobody can tell; behind it there is no host.
  return /^[a-z][a-z0-9+.-]*:\/\/[^/?#\\]*$/i.test(before) ? 'host' : 'rest'
}

/** Offsets of the mended text to those of the text that was mended. */
function backThrough(edits: readonly TextEdit[], length: number): (offset: number) => number {
  const sorted = [...edits].sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end)
  return (offset) => {
    let shift = 0
    for (const { span, text } of sorted) {
      const start = span.start + shift
      if (offset < start) break
      // Inside what was inserted: there is no such place, its beginning is the nearest.
      if (offset < start + text.length) return span.start
      shift += text.length - (span.end - span.start)
    }
    return Math.min(Math.max(0, offset - shift), length)
  }
}
