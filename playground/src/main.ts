import type { Text } from '@codemirror/state'
import { applyFixes, type Fix } from '../../src/lint/index.ts'
import { announcer } from './announcer.ts'
import { callbackView } from './callbacks-view.ts'
import { Checker } from './checker.ts'
import { createEditor, rangeOf } from './editor.ts'
import { element, part, visible } from './element.ts'
import { examples } from './examples/index.ts'
import { exchangeForm } from './exchange-form.ts'
import { countOf, countsInWords, findingsView } from './findings-view.ts'
import { legendView } from './legend.ts'
import { stateOfFragment } from './link.ts'
import type { Answer } from './protocol.ts'
import { replaceContent } from './replace.ts'
import type { CallbackReport, DocumentReport, ExchangeReport, Finding } from './report.ts'
import { share } from './share.ts'
import { startWorker } from './start-worker.ts'
import type { PlaygroundState } from './state.ts'

const announce = announcer()
const editor = createEditor(part('editor', HTMLElement), changed)
const form = exchangeForm(changed)
const checker = new Checker({
  start: startWorker,
  document: () => editor.document,
  exchange: () => form.fields,
  onAnswer,
  onBusy: (isBusy) => {
    document.documentElement.dataset.state = isBusy ? 'busy' : 'settled'
    part('callbacks', HTMLElement).setAttribute('aria-busy', String(isBusy))
  },
  onFailure: notify,
})
const exampleMenu = part('example', HTMLSelectElement)
const notice = part('notice', HTMLElement)
const fixAll = part('fix-all', HTMLButtonElement)

/** What is known of which text. Findings of another text are neither placed nor fixed. */
let known: { readonly document: Text; readonly report: DocumentReport } | undefined

/** More than anyone reads at once. */
const mostCallbacks = 100
const staleWords = 'The document cannot be read right now: these are the callbacks of what it was before.'

fillExamples()
exampleMenu.addEventListener('change', () => {
  const chosen = examples.find(({ name }) => name === exampleMenu.value)
  if (chosen === undefined) return
  if (location.hash !== '') history.replaceState(null, '', location.pathname + location.search)
  open(chosen)
})
part('copy-link', HTMLButtonElement).addEventListener('click', async () => {
  notify(await share({ document: editor.document.toString(), exchange: form.fields }))
})
fixAll.addEventListener('click', () => apply(fixable(known?.report.problems ?? [])))
addEventListener('hashchange', () => openLink())
await openLink()

function changed(): void {
  notice.hidden = true
  exampleMenu.selectedIndex = 0
  checker.changed()
}

async function openLink(): Promise<void> {
  const state = await stateOfFragment(location.hash)
  if (state?.ok) {
    exampleMenu.selectedIndex = 0
    open(state.value)
    return
  }
  if (state !== undefined) notify(state.error)
  if (known === undefined) {
    exampleMenu.value = examples[0].name
    open(examples[0])
  }
}

function open(state: PlaygroundState): void {
  form.write(state.exchange)
  editor.open(state.document)
  checker.changed()
}

function onAnswer({ document, exchange }: Answer, of: Text): void {
  if (document !== undefined) {
    known = { document: of, report: document }
    showDocument(document, of)
    form.offer(document)
  }
  form.show(exchange)
  showCallbacks(exchange)
  if (known !== undefined) announce(inWords(known.report, exchange))
}

function showDocument({ problems, summary }: DocumentReport, of: Text): void {
  // Newer text has an answer of its own to come.
  if (editor.document === of) editor.show(problems)
  part('findings-count', HTMLElement).textContent = countsInWords(summary)
  const view = findingsView(problems, countOf(summary), {
    goTo: (problem) => {
      const { from, to } = rangeOf(problem, of)
      editor.goTo(from, to)
    },
    apply: ({ fix }) => fix && apply([fix]),
  })
  replaceContent(part('findings', HTMLElement), ...(view === undefined ? [] : [view]))
  fixAll.hidden = fixable(problems).length < 2
}

function showCallbacks(report: ExchangeReport): void {
  const legend = legendView(report.callbacks)
  part('legend', HTMLElement).replaceChildren(...(legend === undefined ? [] : [legend]))
  const views = report.callbacks.slice(0, mostCallbacks).map((one) =>
    callbackView(one, {
      goTo: ({ from, to }) => editor.goTo(from, to),
      apply: (fix) => apply([fix]),
    }),
  )
  const left = report.callbacks.length - views.length
  const isStale = known?.report.stale === true && views.length > 0
  replaceContent(
    part('callbacks', HTMLElement),
    ...(isStale ? [element('p', { class: 'stale' }, staleWords)] : []),
    ...(views.length === 0 ? [element('p', { class: 'empty' }, emptyWords(report))] : views),
    ...(left > 0 ? [element('p', { class: 'more' }, `… and ${left} more.`)] : []),
  )
}

function emptyWords({ operation, basePath }: ExchangeReport): string {
  if (known?.report.stale === true) return 'The document cannot be read: see the findings.'
  if (operation === undefined && basePath !== undefined)
    return `The request matches no operation of the document: its URL lacks the base path ${visible(basePath)} of "servers".`
  if (operation === undefined) return 'The request matches no operation of the document, so nobody is called back.'
  return `${operation.method} ${operation.path} has no callbacks.`
}

/** Only to the text that they were made for. */
function apply(fixes: readonly Fix[]): void {
  if (known === undefined || editor.document !== known.document) return
  const text = known.document.toString()
  const made: Fix[] = []
  for (const fix of fixes) if (applyFixes(text, [...made, fix]).count > made.length) made.push(fix)
  editor.apply(made.flatMap(({ edits }) => edits))
  announce(`${made.length} ${made.length === 1 ? 'fix' : 'fixes'} applied.`)
}

function fixable(problems: readonly Finding[]): readonly Fix[] {
  return problems.flatMap(({ fix }) => fix ?? [])
}

function notify(text: string): void {
  notice.textContent = text
  notice.hidden = false
  announce(text)
}

function inWords({ summary }: DocumentReport, { callbacks }: ExchangeReport): string {
  const sent = callbacks.filter(({ outcome }: CallbackReport) => outcome.kind === 'resolved').length
  return `Findings: ${countsInWords(summary)}. ${sent} of ${callbacks.length} callbacks resolved.`
}

function fillExamples(): void {
  const option = ({ name, title }: (typeof examples)[number]): HTMLOptionElement => element('option', { value: name }, title)
  const sound = examples.filter(({ isSound }) => isSound)
  const defective = examples.filter(({ isSound }) => !isSound)
  exampleMenu.replaceChildren(
    element('option', { value: '' }, 'your own'),
    element('optgroup', { label: 'Sound' }, ...sound.map(option)),
    element('optgroup', { label: 'Defective' }, ...defective.map(option)),
  )
}
