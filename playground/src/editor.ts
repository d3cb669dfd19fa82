import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { yaml } from '@codemirror/lang-yaml'
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, syntaxHighlighting } from '@codemirror/language'
import { type Diagnostic, lintKeymap, setDiagnostics } from '@codemirror/lint'
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search'
import { Compartment, EditorSelection, EditorState, type Text } from '@codemirror/state'
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from '@codemirror/view'
import type { FileEdit, Problem } from '../../src/lint/index.ts'
import { highlighting, theme } from './editor-theme.ts'

/** The document, where it is edited. */
export interface Editor {
  /** A new value for every change: what is said of one document does not hold for the next. */
  readonly document: Text
  /** Replaces the document, and forgets what can be undone. No change in the sense of `onChange`. */
  open(text: string): void
  /** Changes that can be undone. */
  apply(edits: readonly FileEdit[]): void
  show(problems: readonly Problem[]): void
  /** Selects a part of the document, brings it into view, and goes there. */
  goTo(from: number, to: number): void
}

export function createEditor(host: HTMLElement, onChange: () => void): Editor {
  // In a shadow tree the editor's styles need no exception from the Content-Security-Policy.
  const root = host.attachShadow({ mode: 'open' })
  const dark = matchMedia('(prefers-color-scheme: dark)')
  const scheme = new Compartment()

  const extensions = [
    lineNumbers(),
    foldGutter(),
    highlightActiveLineGutter(),
    highlightSpecialChars(),
    history(),
    drawSelection(),
    indentOnInput(),
    bracketMatching(),
    highlightActiveLine(),
    highlightSelectionMatches({ minSelectionLength: 3 }),
    search({ top: true }),
    yaml(),
    syntaxHighlighting(highlighting),
    theme,
    scheme.of(EditorView.darkTheme.of(dark.matches)),
    // Escape gives the Tab key back to the page until the editor is entered again.
    keymap.of([
      { key: 'Escape', run: freeTab },
      ...defaultKeymap,
      ...searchKeymap,
      ...historyKeymap,
      ...foldKeymap,
      ...lintKeymap,
      indentWithTab,
    ]),
    EditorView.domEventHandlers({ blur: (_, view) => view.setTabFocusMode(false), beforeinput: typeOver }),
    EditorView.contentAttributes.of({
      tabindex: '0',
      'aria-label': 'OpenAPI document',
      'aria-description': 'Tab indents. Escape, then Tab, leaves the editor. F8 goes to the next finding.',
    }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) onChange()
    }),
  ]
  const view = new EditorView({ root, parent: root, state: EditorState.create({ extensions }) })
  dark.addEventListener('change', () => {
    view.dispatch({ effects: scheme.reconfigure(EditorView.darkTheme.of(dark.matches)) })
  })

  return {
    get document() {
      return view.state.doc
    },
    open(text) {
      view.setState(EditorState.create({ doc: text, extensions }))
    },
    apply(edits) {
      view.dispatch({ changes: edits.map(({ start, end, text }) => ({ from: start, to: end, insert: text })) })
    },
    show(problems) {
      view.dispatch(setDiagnostics(view.state, diagnosticsOf(problems, view.state.doc)))
    },
    goTo(from, to) {
      const end = view.state.doc.length
      const range = EditorSelection.range(Math.min(from, end), Math.min(to, end))
      view.dispatch({ selection: range, effects: EditorView.scrollIntoView(range, { y: 'center', x: 'center' }) })
      view.focus()
    },
  }
}

/** Also when the key has something else to do, such as closing the search. */
function freeTab(view: EditorView): boolean {
  view.setTabFocusMode(true)
  return false
}

/**
 * Chromium writes over a selection by itself, gives the new text the colours of the old in a `style` attribute, and the page's policy refuses
 * that with a complaint in the console. So the text is replaced here.
 */
function typeOver(event: InputEvent, view: EditorView): boolean {
  const { data, inputType } = event
  if (inputType !== 'insertText' || !data || event.isComposing || !event.cancelable || view.state.selection.main.empty)
    return false
  view.dispatch(view.state.replaceSelection(data), { userEvent: 'input.type', scrollIntoView: true })
  event.preventDefault()
  return true
}

function diagnosticsOf(problems: readonly Problem[], document: Text): Diagnostic[] {
  return problems.map((problem) => {
    const { from, to } = rangeOf(problem, document)
    const { fix } = problem
    return {
      from,
      to,
      severity: problem.severity,
      message: problem.message,
      source: problem.rule,
      ...(fix === undefined
        ? {}
        : {
            actions: [
              {
                name: 'Apply fix',
                // The editor moves findings along with the text, the edits of a fix it does not know.
                apply: (view: EditorView) => {
                  if (view.state.doc !== document) return
                  view.dispatch({ changes: fix.edits.map(({ start, end, text }) => ({ from: start, to: end, insert: text })) })
                },
              },
            ],
          }),
    }
  })
}

/** Offsets of a finding in the text that it is about; at least one character, where there is one. */
export function rangeOf({ offset, endLine, endColumn }: Problem, document: Text): { readonly from: number; readonly to: number } {
  const from = Math.min(offset, document.length)
  const line = document.line(Math.max(1, Math.min(endLine, document.lines)))
  const to = Math.min(line.from + endColumn - 1, line.to)
  return { from, to: to > from ? to : Math.min(from + 1, document.length) }
}
