import { type LintResult, lint, type Problem, ruleInfos, type Severity } from '../lint/index.ts'
import { type DescriptionFile, DocumentError, descriptionOf, isRecord, limitsOf, parseFile } from '../openapi/index.ts'
import { fileUri } from './file-uri.ts'

/** What Redocly hands to a rule, as far as it is used here. */
interface RedoclyContext {
  readonly location: { readonly source: RedoclySource }
  report(problem: { readonly message: string; readonly suggest?: string[]; readonly location: object }): void
  resolve(reference: { readonly $ref: string }, from?: string): { readonly location?: { readonly source: RedoclySource } }
}

interface RedoclySource {
  /** A path or a URL. */
  readonly absoluteRef: string
  readonly body: string
}

type RedoclyRule = () => { readonly Root: { leave(root: unknown, context: RedoclyContext): void } }

interface RedoclyConfig {
  readonly rules: Readonly<Record<string, 'error' | 'warn' | 'off'>>
}

/** A plug-in of Redocly CLI: `plugins: [ringback/redocly]`, then `extends: [ringback/recommended]` or `ringback/strict`. */
export default function redoclyPlugin(): {
  readonly id: 'ringback'
  readonly rules: { readonly oas3: Readonly<Record<string, RedoclyRule>> }
  readonly configs: Readonly<Record<'recommended' | 'strict', RedoclyConfig>>
} {
  return {
    id: 'ringback',
    rules: { oas3: Object.fromEntries(ruleInfos.map(({ name }) => [name, ruleNamed(name)])) },
    configs: {
      recommended: configOf(({ severity }) => severity),
      strict: configOf(({ severity, strict }) => strict ?? severity),
    },
  }
}

// Redocly has no severity below a warning; what is legal is not worth one.
const levels = { error: 'error', warning: 'warn', info: 'off' } as const

function configOf(severityOf: (info: (typeof ruleInfos)[number]) => Severity): RedoclyConfig {
  return { rules: Object.fromEntries(ruleInfos.map((info) => [`ringback/${info.name}`, levels[severityOf(info)]])) }
}

function ruleNamed(name: string): RedoclyRule {
  return () => ({
    Root: {
      leave(_root, context) {
        const { problems, sources } = resultOf(context)
        for (const problem of problems)
          if (problem.rule === name && problem.severity !== 'info') report(problem, sources, context)
      },
    },
  })
}

function report(problem: Problem, sources: ReadonlyMap<string, RedoclySource>, context: RedoclyContext): void {
  const { message, suggestion, file, line, column, endLine, endColumn } = problem
  const source = sources.get(file)
  if (source === undefined) return
  context.report({
    message,
    ...(suggestion === undefined || message.includes('Did you mean') ? {} : { suggest: [suggestion] }),
    // In the middle of a key, where a JSON Pointer cannot point.
    location: { source, pointer: undefined, start: { line, col: column }, end: { line: endLine, col: endColumn } },
  })
}

interface Linted extends Pick<LintResult, 'problems'> {
  /** By the names of files in the problems. */
  readonly sources: ReadonlyMap<string, RedoclySource>
}

// Every rule is called for every document, and all of them have one answer.
const known = new WeakMap<object, Linted>()

function resultOf(context: RedoclyContext): Linted {
  const { source } = context.location
  let result = known.get(source)
  if (result === undefined) {
    result = linted(context)
    known.set(source, result)
  }
  return result
}

function linted(context: RedoclyContext): Linted {
  const { source } = context.location
  const files = new Map<string, DescriptionFile>()
  const sources = new Map<string, RedoclySource>()
  try {
    const entry = read(source, files, sources)
    if (entry === undefined) return { problems: [], sources }
    // Redocly has read what the references lead to, and gives it to who asks.
    const waiting = [entry]
    for (let i = 0; i < waiting.length; i++) {
      const file = waiting[i]
      const from = file && sources.get(file.name)
      if (file === undefined || from === undefined) continue
      for (const ref of referencesIn(file.root)) {
        const target = context.resolve({ $ref: ref }, from.absoluteRef).location?.source
        if (target === undefined || files.has(fileUri(target.absoluteRef))) continue
        const other = read(target, files, sources)
        if (other !== undefined) waiting.push(other)
      }
    }
    return { problems: lint(descriptionOf(entry, files, new Map())).problems, sources }
  } catch (error) {
    if (error instanceof DocumentError) return { problems: [], sources }
    throw error
  }
}

/** `undefined` when it is no YAML: Redocly says so itself. */
function read(
  source: RedoclySource,
  files: Map<string, DescriptionFile>,
  sources: Map<string, RedoclySource>,
): DescriptionFile | undefined {
  const uri = fileUri(source.absoluteRef)
  try {
    const file = parseFile(source.body, uri, source.absoluteRef, limitsOf({}))
    files.set(uri, file)
    sources.set(source.absoluteRef, source)
    return file
  } catch (error) {
    if (error instanceof DocumentError) return undefined
    throw error
  }
}

/** Every `$ref` to another file, each once. Shared objects are entered once. */
function referencesIn(root: unknown): ReadonlySet<string> {
  const found = new Set<string>()
  const seen = new Set<object>()
  const open: unknown[] = [root]
  while (open.length > 0) {
    const value = open.pop()
    if (typeof value !== 'object' || value === null || seen.has(value)) continue
    seen.add(value)
    if (isRecord(value) && typeof value.$ref === 'string' && !value.$ref.startsWith('#')) found.add(value.$ref)
    for (const below of Object.values(value)) if (typeof below === 'object') open.push(below)
  }
  return found
}
