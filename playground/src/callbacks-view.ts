import type { Fix } from '../../src/lint/index.ts'
import { button, element, visible } from './element.ts'
import { type Origin, originWords } from './origin.ts'
import type { CallbackReport, Fault, NotSent, PartReport, Place } from './report.ts'
import type { Segment } from './segments.ts'

export interface CallbackActions {
  readonly goTo: (place: Place) => void
  readonly apply: (fix: Fix) => void
}

/** One callback: where it goes, piece by piece, or why it goes nowhere. */
export function callbackView(report: CallbackReport, actions: CallbackActions): HTMLElement {
  const { callback, method, key, place, outcome } = report
  const state = outcome.kind === 'resolved' ? 'resolved' : outcome.ordinary ? 'skipped' : 'failed'
  const jump =
    place &&
    button(
      { class: 'small quiet', 'aria-label': `Go to ${visible(callback)} in the document, line ${place.line}` },
      () => actions.goTo(place),
      `line ${place.line}`,
    )
  return element(
    'article',
    { class: `callback ${state}` },
    element(
      'div',
      { class: 'callback-head' },
      element('h3', {}, visible(callback)),
      element('span', { class: 'state' }, stateWords[state]),
      jump,
    ),
    outcome.kind === 'resolved'
      ? element(
          'p',
          { class: 'url' },
          method === undefined ? undefined : element('span', { class: 'method' }, visible(method)),
          ' ',
          ...pieces(outcome.segments, report.parts),
        )
      : undefined,
    outcome.kind === 'resolved' ? partList(report.parts, outcome.segments) : undefined,
    outcome.kind === 'not-sent' ? why(outcome, key, actions) : undefined,
    outcome.kind === 'not-sent' && report.parts.some(({ value }) => value !== undefined) ? partList(report.parts, []) : undefined,
  )
}

const stateWords = { resolved: '✓ resolved', skipped: '– not sent', failed: '✕ cannot be sent' } as const

/** Numbers lead from the pieces of a URL to what is told of them below. */
function numbersOf(parts: readonly PartReport[]): ReadonlyMap<number, number> {
  const read = parts.flatMap(({ origin }, index) => (origin === 'text' ? [] : [index]))
  return new Map(read.map((index, i) => [index, i + 1]))
}

function pieces(segments: readonly Segment[], parts: readonly PartReport[]): HTMLElement[] {
  const numbers = numbersOf(parts)
  return segments.map(({ text, origin, part }) => {
    const number = part === undefined ? undefined : numbers.get(part)
    return element(
      'span',
      { class: `piece ${origin}`, title: originWords[origin] },
      visible(text),
      number === undefined ? undefined : element('sup', { 'aria-hidden': 'true' }, String(number)),
      origin === 'text' ? undefined : element('span', { class: 'unseen' }, ` (${originWords[origin]}) `),
    )
  })
}

function partList(parts: readonly PartReport[], segments: readonly Segment[]): HTMLElement {
  const rows = parts.flatMap((part, index) => {
    if (part.origin === 'text') return []
    const written = segments.find((segment) => segment.part === index)
    return [partRow(part, written?.text)]
  })
  if (segments.some(({ origin }) => origin === 'server')) {
    rows.push(
      element(
        'li',
        { class: 'unnumbered' },
        element(
          'p',
          { class: 'part-head' },
          chip('server'),
          ' ',
          element('span', { class: 'words' }, 'the server that the callback names, for a relative URL'),
        ),
      ),
    )
  }
  return element('ol', { class: 'parts' }, ...rows)
}

function partRow({ text, origin, words, value, missing }: PartReport, written: string | undefined): HTMLLIElement {
  const shown = value ?? (written === undefined ? undefined : JSON.stringify(written))
  return element(
    'li',
    {},
    element('p', { class: 'part-head' }, chip(origin), ' ', element('code', {}, visible(text))),
    element(
      'p',
      { class: 'part-value' },
      shown === undefined ? undefined : element('code', { class: 'value' }, visible(shown)),
      missing === undefined ? undefined : element('span', { class: 'missing' }, visible(missing)),
      shown === undefined && missing === undefined ? undefined : ' ',
      element('span', { class: 'words' }, visible(words)),
    ),
  )
}

export function chip(origin: Origin): HTMLElement {
  return element('span', { class: `chip ${origin}` }, originWords[origin])
}

function why(
  { reason, faults, didYouMean, fix, ordinary }: NotSent,
  key: string | undefined,
  actions: CallbackActions,
): HTMLElement {
  return element(
    'div',
    { class: 'why' },
    key === undefined ? undefined : element('p', { class: 'key' }, ...markedKey(key, faults, ordinary)),
    ...faults.map((fault) => faultView(fault, reason, actions)),
    didYouMean === undefined
      ? undefined
      : element(
          'p',
          { class: 'meant' },
          'Did you mean ',
          element('code', {}, visible(didYouMean)),
          '? ',
          fix === undefined ? undefined : button({ class: 'small' }, () => actions.apply(fix), 'Apply fix'),
        ),
  )
}

function faultView({ message, place, hint }: Fault, reason: string, { goTo }: CallbackActions): HTMLElement {
  return element(
    'p',
    { class: 'fault' },
    element('span', { class: 'reason' }, reason),
    ' ',
    visible(message),
    hint === undefined ? undefined : ` ${visible(hint)}`,
    place === undefined ? undefined : ' ',
    place === undefined
      ? undefined
      : button({ class: 'plain at' }, () => goTo(place), `line ${place.line}, column ${place.column}`),
  )
}

/** The key with what is wrong in it marked. */
function markedKey(key: string, faults: readonly Fault[], ordinary: boolean): (Node | string)[] {
  const marked: (Node | string)[] = []
  let at = 0
  for (const { span } of faults) {
    if (span === undefined || span.start < at) continue
    const end = Math.max(span.end, span.start + 1)
    marked.push(visible(key.slice(at, span.start)))
    marked.push(element('mark', ordinary ? { class: 'ordinary' } : {}, visible(key.slice(span.start, end)) || '\u2423'))
    at = end
  }
  return [...marked, visible(key.slice(at))]
}
