import { keyRangeOf, placeOf, rangeOf } from '../openapi/index.ts'
import type { Finding, Rule } from './rule.ts'
import { rules } from './rules/index.ts'
import { type CallbackSubjects, type Subject, withText } from './subject/index.ts'
import { syntaxFindings } from './syntax-findings.ts'

/**
 * Whose keys and values stand at one place of a file: a component is used by several operations, an alias stands for the text that it
 * repeats. What is certain for one of them need not be so for the others.
 */
export class Users {
  readonly #subjects: CallbackSubjects
  readonly #served = new Map<string, boolean>()
  #byPlace: ReadonlyMap<string, readonly Subject[]> | undefined

  constructor(subjects: CallbackSubjects) {
    this.#subjects = subjects
  }

  of(subject: Subject): readonly Subject[] {
    this.#byPlace ??= grouped([...this.#subjects.keys, ...this.#subjects.links.flatMap(({ values }) => values)])
    return this.#byPlace.get(placeOfText(subject)) ?? [subject]
  }

  /** Whether a text makes nothing worse for anybody who uses the place, and something better for each who had a defect there. */
  areServedBy(subject: Subject, text: string): boolean {
    const id = `${placeOfText(subject)} ${text}`
    const served = this.#served.get(id) ?? this.of(subject).every((user) => isServed(user, text))
    this.#served.set(id, served)
    return served
  }
}

/** `POST /orders`, and of a link also the response. */
export function userName(subject: Subject): string {
  const { operation } = subject
  if (operation === undefined) return 'no operation'
  const name = `${operation.method.toUpperCase()} ${operation.path}`
  return subject.kind === 'link-value' ? `${name} (${subject.link.response?.status})` : name
}

function isServed(user: Subject, text: string): boolean {
  if (user.text === text) return true
  const before = defectsOf(user)
  const after = defectsOf(withText(user, text))
  for (const [rule, count] of after) {
    // What an edit of the syntax makes must work: that it was as wrong before is no excuse.
    const isWrong = count.errors > 0 || rule === 'not-a-url'
    if (user.mended !== undefined ? isWrong : count.errors + count.warnings > total(before.get(rule))) return false
  }
  return after.size === 0 || sum(after) < sum(before)
}

interface Count {
  errors: number
  warnings: number
}

/** Errors and warnings about one text, by rule. Settings do not matter: what is silenced is no better for it. */
function defectsOf(subject: Subject): ReadonlyMap<string, Count> {
  const counts = new Map<string, Count>()
  const add = (rule: Rule, findings: Iterable<Finding> = []): void => {
    for (const { severity = rule.severity } of findings) {
      if (severity === 'info') continue
      const count = counts.get(rule.name) ?? { errors: 0, warnings: 0 }
      counts.set(rule.name, count)
      if (severity === 'error') count.errors++
      else count.warnings++
    }
  }
  for (const [rule, finding] of syntaxFindings(subject)) add(rule, [finding])
  for (const rule of rules) {
    if (subject.kind === 'key') add(rule, rule.key?.(subject))
    else add(rule, rule.link?.({ link: subject.link, object: undefined, values: [subject], target: { kind: 'none' } }))
    for (const use of subject.uses) add(rule, rule.use?.(use))
  }
  return counts
}

function total(count: Count | undefined): number {
  return count === undefined ? 0 : count.errors + count.warnings
}

function sum(counts: ReadonlyMap<string, Count>): number {
  return [...counts.values()].reduce((all, count) => all + total(count), 0)
}

function grouped(subjects: readonly Subject[]): ReadonlyMap<string, readonly Subject[]> {
  const groups = new Map<string, Subject[]>()
  for (const subject of subjects) {
    const id = placeOfText(subject)
    const group = groups.get(id)
    if (group === undefined) groups.set(id, [subject])
    else group.push(subject)
  }
  return groups
}

/** An alias repeats what stands elsewhere: its pointer is another one, its text is not. */
function placeOfText({ at, in: where }: Subject): string {
  const range = where === 'key' ? keyRangeOf(at) : rangeOf(at)
  return range === undefined ? placeOf(at) : `${at.file.uri} ${range.start.offset}`
}
