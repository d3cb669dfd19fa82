import { element, part, visible } from './element.ts'
import type { DocumentReport, ExchangeReport, OperationChoice } from './report.ts'
import { type ExchangeFields, exchangeFieldNames } from './state.ts'

export interface ExchangeForm {
  readonly fields: ExchangeFields
  /** Replaces what is typed. */
  write(fields: ExchangeFields): void
  /** Operations to choose from. */
  offer(document: DocumentReport): void
  /** What is wrong with the fields, and the operation that they match. */
  show(report: ExchangeReport): void
}

export function exchangeForm(onChange: () => void): ExchangeForm {
  const form = part('exchange', HTMLFormElement)
  const operation = part('operation', HTMLSelectElement)
  const hint = part('operation-hint', HTMLElement)
  const inputs = new Map(exchangeFieldNames.map((name) => [name, inputOf(name)]))
  let choices: readonly OperationChoice[] = []
  let operationCount = 0

  form.addEventListener('submit', (event) => event.preventDefault())
  form.addEventListener('input', ({ target }) => {
    if (target !== operation) onChange()
  })
  operation.addEventListener('change', () => {
    const chosen = choices[operation.selectedIndex - 1]
    if (chosen === undefined) return
    write({ method: chosen.method, url: chosen.url })
    onChange()
  })

  function write(fields: Partial<ExchangeFields>): void {
    for (const [name, input] of inputs) {
      const value = fields[name]
      if (value !== undefined) input.value = value
    }
  }

  return {
    get fields() {
      const read = exchangeFieldNames.map((name) => [name, inputs.get(name)?.value ?? ''])
      return Object.fromEntries(read) as Record<keyof ExchangeFields, string>
    },
    write,
    offer(document) {
      choices = document.operations
      operationCount = document.operationCount
      operation.replaceChildren(
        element('option', { value: '' }, choices.length === 0 ? 'none has callbacks' : 'choose one'),
        ...choices.map(({ name, method, callbacks }) =>
          element(
            'option',
            { value: name },
            visible(`${name} (${method}): ${callbacks.length} ${callbacks.length === 1 ? 'callback' : 'callbacks'}`),
          ),
        ),
      )
    },
    show({ fieldProblems, operation: matched, basePath }) {
      for (const [name, input] of inputs) {
        const problem = document.getElementById(`${name}-problem`)
        if (problem === null) continue
        const text = fieldProblems[name] ?? ''
        if (problem.textContent !== text) problem.textContent = text
        input.toggleAttribute('aria-invalid', text !== '')
        if (text !== '') input.setAttribute('aria-invalid', 'true')
      }
      const index = choices.findIndex(({ name }) => name === matched?.name)
      operation.selectedIndex = index + 1
      const text = matchWords(matched, index !== -1, basePath)
      if (hint.textContent !== text) hint.textContent = text
    },
  }

  function matchWords(matched: ExchangeReport['operation'], known: boolean, basePath: string | undefined): string {
    if (matched !== undefined) {
      const place = `${matched.method} ${visible(matched.path)}`
      return known ? `The request below matches ${place}.` : `The request below matches ${place}, which has no callbacks.`
    }
    if (operationCount === 0) return 'The document has no operations.'
    if (basePath !== undefined)
      return `The request below matches no operation: "servers" of the document puts ${visible(basePath)} in front of its paths, and the URL lacks it.`
    return 'The request below matches no operation. Choose one to begin with.'
  }
}

function inputOf(name: keyof ExchangeFields): HTMLInputElement | HTMLTextAreaElement {
  const input = document.getElementById(name)
  if (input instanceof HTMLInputElement || input instanceof HTMLTextAreaElement) return input
  throw new TypeError(`Expected a field #${name} in index.html`)
}
