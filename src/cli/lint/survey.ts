import { type LintOptions, lint, type Problem, ruleInfos } from '../../lint/index.ts'
import { type DescriptionFile, DocumentError, type OpenApiDescription, ownValue, tokensOf } from '../../openapi/index.ts'
import type { Input } from './inputs.ts'
import type { Loader } from './load.ts'

/** A document of the run; `text` when it came over standard input. */
export interface Entry {
  readonly input: Input
  readonly text: string | undefined
}

/** What one document of the run has to say of its files. */
export interface Survey {
  readonly entry: Entry
  /** Of the document itself. */
  readonly uri: string
  /** URIs of all files that it consists of. */
  readonly files: ReadonlySet<string>
  /** How bad it is at each place: errors before warnings. */
  readonly weights: ReadonlyMap<string, number>
  readonly proposals: readonly Proposal[]
}

/** A fix that is certain for one document. */
export interface Proposal {
  readonly problem: Problem
  readonly fix: NonNullable<Problem['fix']>
  readonly file: DescriptionFile
  /** Stays the same when keys are mended. */
  readonly place: string
  /** What is mended is wrong for everybody, whatever they declare. */
  readonly isSyntax: boolean
}

const errorWeight = 1_000_000
const syntaxRules: ReadonlySet<string> = new Set(ruleInfos.flatMap(({ name, group }) => (group === 'syntax' ? [name] : [])))

/** `undefined`: the document cannot be read. */
export async function survey(loader: Loader, entry: Entry, options: LintOptions): Promise<Survey | undefined> {
  const description = await readable(loader, entry)
  if (description === undefined) return undefined
  const byName = new Map([...description.files.values()].map((file) => [file.name, file]))
  const weights = new Map<string, number>()
  const proposals: Proposal[] = []
  for (const problem of lint(description, options).problems) {
    const file = byName.get(problem.file)
    if (file === undefined) continue
    const place = placeIn(file, problem.pointer)
    const weight = problem.severity === 'error' ? errorWeight : problem.severity === 'warning' ? 1 : 0
    weights.set(place, (weights.get(place) ?? 0) + weight)
    const { fix } = problem
    if (fix !== undefined && file.uri.startsWith('file:'))
      proposals.push({ problem, fix, file, place, isSyntax: syntaxRules.has(problem.rule) })
  }
  return { entry, uri: description.file.uri, files: new Set(description.files.keys()), weights, proposals }
}

async function readable(loader: Loader, { input, text }: Entry): Promise<OpenApiDescription | undefined> {
  try {
    return await loader.read(input, text)
  } catch (error) {
    if (error instanceof DocumentError) return undefined
    throw error
  }
}

/** By numbers: the keys on the way may be what is mended. */
function placeIn({ uri, root }: DescriptionFile, pointer: string): string {
  const tokens = tokensOf(pointer)
  let value: unknown = root
  const numbers: (number | string)[] = []
  for (const token of tokens.ok ? tokens.value : [pointer]) {
    const keys = typeof value === 'object' && value !== null ? Object.keys(value) : []
    const index = keys.indexOf(token)
    numbers.push(index === -1 ? token : index)
    value = ownValue(value, token)?.value
  }
  return `${uri}#${numbers.join('/')}`
}
