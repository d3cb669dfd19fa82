import type { IgnoreRule } from './options.ts'
import type { Problem } from './problem.ts'

/** Whether a configuration leaves a finding out. */
export function isIgnored(problem: Pick<Problem, 'rule' | 'file' | 'pointer'>, ignores: readonly IgnoreRule[]): boolean {
  return ignores.some(
    ({ file, pointer, rules }) =>
      (rules === undefined || rules.includes(problem.rule)) &&
      (file === undefined || fitsFile(problem.file, file)) &&
      (pointer === undefined || isBelow(problem.pointer, pointer.replace(/^#/, ''))),
  )
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
