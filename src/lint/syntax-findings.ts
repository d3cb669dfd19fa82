import type { Finding, Rule, SyntaxDefect, SyntaxFinding } from './rule.ts'
import { rules } from './rules/index.ts'
import { fileEdits, isCertain, isMeantAsExpression, type Subject } from './subject/index.ts'

/** What the grammar has against a text: for each defect, what the first rule that takes it says. */
export function* syntaxFindings(subject: Subject): Iterable<readonly [Rule, Finding]> {
  if (subject.kind === 'link-value' && !isMeantAsExpression(subject)) return
  for (const problem of subject.problems) {
    const { text: source } = subject
    const around = expressionAround(source, problem.span.start)
    const defect: SyntaxDefect = { ...problem, subject, source, around, rest: source.slice(problem.span.start) }
    for (const rule of rules) {
      const finding = rule.syntax?.(defect)
      if (finding === undefined) continue
      yield [rule, syntaxFinding(defect, finding)]
      break
    }
  }
}

function syntaxFinding({ subject, span, source, around }: SyntaxDefect, { message, suggestion }: SyntaxFinding): Finding {
  const { mended } = subject
  const meant = mended?.text ?? suggestion
  return {
    place: { in: subject.in, at: subject.at, ...span },
    message,
    ...(subject.kind === 'key' ? { key: source } : {}),
    ...(around.text === '' ? {} : { expression: around.text }),
    ...(meant === undefined ? {} : { suggestion: meant }),
    fix: mended !== undefined && isCertain(subject) ? fileEdits(subject, mended.edits) : undefined,
  }
}

function expressionAround(text: string, offset: number): SyntaxDefect['around'] {
  const open = text.lastIndexOf('{', Math.max(0, offset - 1))
  const start = text[offset] === '{' ? offset + 1 : open + 1
  const close = text.indexOf('}', offset)
  return { text: text.slice(start, close === -1 ? text.length : close), start }
}
