import { child, isRecord, type Located, ownValue, rootOf, tokensOf } from '../openapi/index.ts'
import type { IgnoreRule } from './options.ts'
import type { Problem } from './problem.ts'

/** In the document itself: `true`, a rule, or a list of rules that are silent about this object and what is in it. */
export const inlineField = 'x-ringback-ignore'

/** Whether a configuration leaves a finding out. */
export function isIgnored(problem: Pick<Problem, 'rule' | 'file' | 'pointer'>, ignores: readonly IgnoreRule[]): boolean {
  return ignores.some(
    ({ file, pointer, rules }) =>
      (rules === undefined || rules.includes(problem.rule)) &&
      (file === undefined || fitsFile(problem.file, file)) &&
      (pointer === undefined || isBelow(problem.pointer, pointer.replace(/^#/, ''))),
  )
}

/** Whether the document says `x-ringback-ignore` on the way to a place. */
export function isIgnoredInline(rule: string, at: Located): boolean {
  const tokens = tokensOf(at.pointer)
  if (!tokens.ok) return false
  let here: Located | undefined = rootOf(at.file)
  for (const token of [...tokens.value, undefined]) {
    if (here === undefined) return false
    if (isRecord(here.value) && silences(ownValue(here.value, inlineField)?.value, rule)) return true
    here = token === undefined ? undefined : child(here, token)
  }
  return false
}

function silences(field: unknown, rule: string): boolean {
  return field === true || field === rule || (Array.isArray(field) && field.includes(rule))
}

function isBelow(pointer: string, ancestor: string): boolean {
  return pointer === ancestor || pointer.startsWith(`${ancestor}/`)
}

function fitsFile(name: string, glob: string): boolean {
  const pattern = glob
    .replace(/^\.\//, '')
    .split(/(\*\*\/?|\*|\?)/)
    .map((piece) => {
      if (piece.startsWith('**')) return '(?:.*/)?'.replace('/)?', piece.endsWith('/') ? '/)?' : ')')
      if (piece === '*') return '[^/]*'
      if (piece === '?') return '[^/]'
      return piece.replace(/[.+^${}()|[\]\\]/g, '\\$&')
    })
    .join('')
  return new RegExp(`(?:^|/)${pattern}$`).test(name.replaceAll('\\', '/'))
}
