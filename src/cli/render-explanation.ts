import type { ExplainedPart, Explanation } from '../expression/index.ts'

/** The few colours that are used; the identity where colours are off. */
export interface Colors {
  bold(text: string): string
  dim(text: string): string
  red(text: string): string
  green(text: string): string
  cyan(text: string): string
}

/** An explanation for people: the parts in order, then the value of the whole, or a caret under each character that is wrong. `widthOf`: how many columns a text takes. */
export function renderExplanation(explanation: Explanation, colors: Colors, widthOf: (text: string) => number): string {
  const lines = explanation.valid ? validLines(explanation, colors) : brokenLines(explanation, colors, widthOf)
  return `${lines.join('\n')}\n`
}

function validLines({ text, parts, result, kind, repaired }: Explanation, colors: Colors): string[] {
  const lines = [colors.bold(printable(text)), '']
  for (const part of parts) lines.push(...partLines(part, colors))
  if (result !== undefined && (kind === 'template' || parts.length !== 1)) {
    lines.push(
      '',
      result.ok ? `${colors.bold('=')} ${colors.green(shown(result.value))}` : `${colors.red('no value:')} ${result.error}`,
    )
  }
  if (repaired !== undefined) lines.push('', `${colors.bold('Did you mean')} ${colors.green(printable(repaired))} ?`)
  return lines
}

function partLines({ kind, text, words, result }: ExplainedPart, colors: Colors): string[] {
  const head = `  ${kind === 'literal' ? colors.dim(printable(text)) : colors.cyan(printable(text))}  ${words}`
  if (result === undefined) return [head]
  return [
    head,
    result.ok ? `      ${colors.green(`= ${shown(result.value)}`)}` : `      ${colors.red('no value:')} ${result.error}`,
  ]
}

function brokenLines(
  { text, problems, repaired, parts }: Explanation,
  colors: Colors,
  widthOf: (text: string) => number,
): string[] {
  const lines: string[] = []
  for (const { span, message, code } of problems) {
    const shownLine = printable(text)
    const column = widthOf(printable(text.slice(0, span.start)))
    const width = Math.max(1, widthOf(printable(text.slice(span.start, span.end))))
    lines.push(
      shownLine,
      `${' '.repeat(column)}${colors.red('^'.repeat(Math.min(width, 40)))}`,
      `${colors.red(code)}: ${message}`,
      '',
    )
  }
  if (repaired !== undefined) lines.push(`${colors.bold('Did you mean')} ${colors.green(printable(repaired))} ?`)
  else if (parts.length > 0) lines.push('Understood:', ...parts.flatMap((part) => partLines(part, colors)))
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}

/** One line, and nothing in it that a terminal would obey, or show in another order. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (character) => {
    const code = character.charCodeAt(0)
    return code === 10 ? '\\n' : code === 9 ? '\\t' : `\\u${code.toString(16).padStart(4, '0')}`
  })
}

/** Longer values are cut. */
const longestValue = 500

export function shown(value: unknown): string {
  const json = printable(jsonOf(value))
  return json.length > longestValue ? `${json.slice(0, longestValue)}… (${json.length} characters)` : json
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value)
  } catch (error) {
    // JSON.parse reads deeper than JSON.stringify writes, and what is shown may come from anybody.
    if (error instanceof RangeError) return '(nested too deep to show)'
    throw error
  }
}
