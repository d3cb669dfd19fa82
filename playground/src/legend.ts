import { chip } from './callbacks-view.ts'
import { element } from './element.ts'
import { type Origin, originWords } from './origin.ts'
import type { CallbackReport } from './report.ts'

/** The origins that these callbacks have, as they look in a URL. Empty when there is nothing to tell apart. */
export function legendView(callbacks: readonly CallbackReport[]): HTMLElement | undefined {
  const used = new Set(
    callbacks.flatMap(({ outcome }) => (outcome.kind === 'resolved' ? outcome.segments.map(({ origin }) => origin) : [])),
  )
  const shown = (Object.keys(originWords) as Origin[]).filter((origin) => used.has(origin))
  if (shown.every((origin) => origin === 'text')) return undefined
  return element(
    'div',
    { class: 'legend' },
    element('h3', { id: 'legend-title' }, 'Where each part came from'),
    element('ul', { 'aria-labelledby': 'legend-title' }, ...shown.map((origin) => element('li', {}, chip(origin)))),
    element('p', {}, `Underlined: ${linesFor(shown)}.`),
  )
}

/** The lines tell the messages apart for those who do not see the colours. */
function linesFor(origins: readonly Origin[]): string {
  const lines = [
    origins.some((origin) => origin.startsWith('request')) ? 'once, the request' : '',
    origins.some((origin) => origin.startsWith('response')) ? 'twice, the response' : '',
    origins.includes('parameter') || origins.includes('server') ? 'dashed, the callback itself' : '',
  ]
  return lines.filter((line) => line !== '').join('; ')
}
