import type { Summary } from '../../src/lint/index.ts'
import { button, element, visible } from './element.ts'
import type { Finding } from './report.ts'

export interface FindingsActions {
  readonly goTo: (problem: Finding) => void
  readonly apply: (problem: Finding) => void
}

/** More than anyone reads at once. */
const most = 200

const severityMarks = { error: '✕', warning: '▲', info: '●' } as const

/** What lint has to say, each with a way to its place and, where it is certain, the fix. `undefined`: nothing. */
export function findingsView(problems: readonly Finding[], count: number, actions: FindingsActions): HTMLElement | undefined {
  if (problems.length === 0) return undefined
  const items = problems.slice(0, most).map((problem) => item(problem, actions))
  const left = count - items.length
  if (left > 0) items.push(element('li', { class: 'more' }, `… and ${left} more.`))
  return element('ol', {}, ...items)
}

function item(problem: Finding, { goTo, apply }: FindingsActions): HTMLLIElement {
  const { severity, message, rule, line, column, fix, suggestion, page } = problem
  return element(
    'li',
    { class: `finding ${severity}` },
    element('span', { class: 'mark', 'aria-hidden': 'true' }, severityMarks[severity]),
    element(
      'div',
      {},
      button(
        { class: 'plain jump' },
        () => goTo(problem),
        element('span', { class: 'unseen' }, `${severity}: `),
        visible(message),
        element('span', { class: 'at' }, ` line ${line}, column ${column}`),
      ),
      element(
        'p',
        { class: 'rule' },
        page === undefined ? rule : element('a', { href: page, target: '_blank', rel: 'noreferrer' }, rule),
        suggestion === undefined || fix !== undefined ? undefined : ' — did you mean ',
        suggestion === undefined || fix !== undefined ? undefined : element('code', {}, visible(suggestion)),
      ),
    ),
    fix === undefined
      ? undefined
      : button(
          {
            class: 'small',
            'aria-label': `Apply fix: ${rule}, line ${line}`,
            ...(suggestion === undefined ? {} : { title: visible(suggestion) }),
          },
          () => apply(problem),
          'Apply fix',
        ),
  )
}

/** `2 errors, 1 warning` */
export function countsInWords({ errors, warnings, infos }: Summary): string {
  const counts = [counted(errors, 'error'), counted(warnings, 'warning'), counted(infos, 'info')].filter((one) => one !== '')
  return counts.length === 0 ? 'nothing to complain of' : counts.join(', ')
}

export function countOf({ errors, warnings, infos }: Summary): number {
  return errors + warnings + infos
}

function counted(count: number, word: string): string {
  return count === 0 ? '' : `${count} ${word}${count === 1 ? '' : 's'}`
}
