import { type OpenApiDescription, placeOf } from '../openapi/index.ts'
import { lint } from './lint.ts'
import type { LintOptions } from './options.ts'
import type { Problem } from './problem.ts'
import { type KeySubject, subjectsOf } from './subject/index.ts'

/** How keys are written, what they read, and what is wrong with them: counts, each place once. */
export interface Census {
  readonly documents: number
  /** Those that have a callback or a link. */
  readonly documentsWithCallbacks: number
  readonly documentsWithLinks: number
  readonly keys: number
  readonly links: number
  /** Keys by what they look like. */
  readonly shapes: Readonly<Record<string, number>>
  /** Expressions of keys by what they read: `$request.body`. */
  readonly keySources: Readonly<Record<string, number>>
  readonly linkSources: Readonly<Record<string, number>>
  /** Findings by rule, errors and warnings only. */
  readonly defects: Readonly<Record<string, number>>
}

/** Counts over many descriptions; a place that several of them reach is counted once. */
export class CensusTaker {
  readonly #options: LintOptions
  readonly #seen = new Set<string>()
  readonly #counts = {
    documents: 0,
    documentsWithCallbacks: 0,
    documentsWithLinks: 0,
    keys: 0,
    links: 0,
    shapes: new Map<string, number>(),
    keySources: new Map<string, number>(),
    linkSources: new Map<string, number>(),
    defects: new Map<string, number>(),
  }

  constructor(options: LintOptions = {}) {
    this.#options = options
  }

  add(description: OpenApiDescription): void {
    const counts = this.#counts
    const { keys, links } = subjectsOf(description)
    counts.documents++
    if (keys.length > 0) counts.documentsWithCallbacks++
    if (links.length > 0) counts.documentsWithLinks++
    for (const key of keys) {
      if (!this.#isNew(placeOf(key.at))) continue
      counts.keys++
      increment(counts.shapes, shapeOf(key))
      for (const { expression } of key.uses) increment(counts.keySources, sourceOf(expression))
    }
    for (const { object, link, values } of links) {
      if (!this.#isNew(placeOf(object ?? link.at))) continue
      counts.links++
      for (const { uses } of values) for (const { expression } of uses) increment(counts.linkSources, sourceOf(expression))
    }
    for (const problem of lint(description, this.#options).problems)
      if (problem.severity !== 'info' && this.#isNew(idOf(problem))) increment(counts.defects, problem.rule)
  }

  result(): Census {
    const { shapes, keySources, linkSources, defects, ...rest } = this.#counts
    return {
      ...rest,
      shapes: sorted(shapes),
      keySources: sorted(keySources),
      linkSources: sorted(linkSources),
      defects: sorted(defects),
    }
  }

  #isNew(place: string): boolean {
    if (this.#seen.has(place)) return false
    this.#seen.add(place)
    return true
  }
}

function idOf({ rule, file, pointer, offset }: Problem): string {
  return JSON.stringify([rule, file, pointer, offset])
}

function shapeOf({ problems, template, mended }: KeySubject): string {
  if (problems.length > 0) return 'broken'
  if (template === undefined || mended !== undefined) return 'mistaken for text'
  const kinds = template.parts.map(({ kind }) => kind)
  if (template.bare) return 'bare expression'
  if (!kinds.includes('embedded-expression')) {
    const [first] = template.parts
    const absolute = first?.kind === 'literal' && /^[a-z][a-z0-9+.-]*:\/\//i.test(first.text)
    return kinds.includes('path-parameter') ? 'path parameters only' : absolute ? 'URL' : 'other text'
  }
  if (kinds.length === 1) return '{expression}'
  return kinds[0] === 'embedded-expression' ? '{expression} and tail' : 'text and {expression}'
}

function sourceOf(expression: KeySubject['uses'][number]['expression']): string {
  switch (expression.kind) {
    case 'url':
    case 'method':
      return `$${expression.kind}`
    case 'status-code':
      return '$statusCode'
    case 'request':
    case 'response':
      return `$${expression.kind}.${expression.source.kind.replace(/-reference$/, '')}`
    default:
      return 'other'
  }
}

function increment(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

/** The most frequent first. */
function sorted(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)))
}
