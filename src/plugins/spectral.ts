// A ruleset for Spectral. It bundles what it loads into CommonJS, so nothing here may ask where it stands (docs/linting.md).
import { type LintResult, lint, type Problem, type RuleInfo, ruleInfos, rulePage, type Severity } from '../lint/index.ts'
import {
  type DescriptionFile,
  DocumentError,
  descriptionOf,
  fileOfObject,
  limitsOf,
  parseFile,
  tokensOf,
} from '../openapi/index.ts'
import { fileUri } from './file-uri.ts'

/** What Spectral hands to a function of a rule, as far as it is used here. */
interface SpectralContext {
  readonly document: SpectralDocument
  readonly documentInventory?: { readonly referencedDocuments?: Readonly<Record<string, SpectralDocument>> }
}

interface SpectralDocument {
  readonly source?: string | null
  /** The text; not part of Spectral's published types. */
  readonly input?: unknown
  readonly data?: unknown
}

interface SpectralResult {
  readonly message: string
  readonly path: (string | number)[]
}

interface SpectralRule {
  readonly description: string
  readonly message: '{{error}}'
  readonly severity: 'error' | 'warn' | 'info'
  readonly given: '$'
  readonly resolved: false
  readonly recommended: true
  readonly documentationUrl: string
  readonly then: { readonly function: (input: unknown, options: unknown, context: SpectralContext) => SpectralResult[] }
}

const levels: Readonly<Record<Severity, SpectralRule['severity']>> = { error: 'error', warning: 'warn', info: 'info' }

/** `extends: ringback/spectral`. One rule of Spectral for each of ours: `ringback-no-dollar`. */
const ruleset: { readonly rules: Readonly<Record<string, SpectralRule>> } = {
  rules: Object.fromEntries(ruleInfos.map((info) => [`ringback-${info.name}`, ruleOf(info)])),
}

export default ruleset

function ruleOf({ name, summary, severity }: RuleInfo): SpectralRule {
  return {
    description: summary,
    message: '{{error}}',
    severity: levels[severity],
    given: '$',
    resolved: false,
    recommended: true,
    documentationUrl: rulePage(name),
    then: {
      function: (input, _options, context) =>
        resultOf(input, context)
          .problems.filter(({ rule }) => rule === name)
          .map((problem) => shown(problem, context.document)),
    },
  }
}

// Every rule is called for every document, and all of them have one answer.
const known = new WeakMap<object, Found>()
const nothing: Found = { problems: [] }

type Found = Pick<LintResult, 'problems'>

function resultOf(input: unknown, context: SpectralContext): Found {
  const { document, documentInventory } = context
  const before = known.get(document)
  if (before !== undefined) return before
  try {
    const entry = fileOf(document, input)
    const others = Object.entries(documentInventory?.referencedDocuments ?? {})
    const files = new Map(others.map(([source, other]) => [fileUri(source), fileOf({ source, input: other.input }, other.data)]))
    const result = lint(descriptionOf(entry, files.set(entry.uri, entry), new Map()))
    known.set(document, result)
    return result
  } catch (error) {
    // Not OpenAPI 3: there is nothing to look at.
    if (!(error instanceof DocumentError)) throw error
    known.set(document, nothing)
    return nothing
  }
}

/** From its text where there is one: parsed here, unquoted and duplicate keys are seen. */
function fileOf({ source, input }: SpectralDocument, root: unknown): DescriptionFile {
  const uri = fileUri(source)
  const name = source ?? '<document>'
  if (typeof input === 'string') {
    try {
      return parseFile(input, uri, name, limitsOf({}))
    } catch (error) {
      // Spectral speaks of syntax itself.
      if (!(error instanceof DocumentError)) throw error
    }
  }
  return fileOfObject(typeof root === 'object' && root !== null ? root : {}, uri, name)
}

/** Spectral places findings in the document that it was given; of another file the place is told in words. */
function shown({ message, file, line, column, pointer }: Problem, document: SpectralDocument): SpectralResult {
  if (file !== (document.source ?? '<document>')) return { message: `${file}:${line}:${column} ${message}`, path: [] }
  const tokens = tokensOf(pointer)
  return { message, path: tokens.ok ? [...tokens.value] : [] }
}
