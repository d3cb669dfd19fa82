import { type OpenApiDescription, placeOf } from '../openapi/index.ts'
import { isIgnored } from './ignore.ts'
import { isIgnoredInline } from './inline-ignore.ts'
import type { LintOptions } from './options.ts'
import { rangeOfPlace } from './place.ts'
import { presetSetting, type RuleSetting } from './preset.ts'
import type { Problem, Summary } from './problem.ts'
import type { Finding, Rule } from './rule.ts'
import { rules } from './rules/index.ts'
import type { Severity } from './severity.ts'
import { type CallbackSubjects, type ExpressionUse, type LinkSubject, type Subject, subjectsOf } from './subject/index.ts'
import { syntaxFindings } from './syntax-findings.ts'
import { Users, userName } from './users.ts'

export interface LintResult {
  /** By file, then by place. */
  readonly problems: readonly Problem[]
  readonly summary: Summary
}

/** Looks at every callback key and every link of a description, in all of its files. Never throws over what is in the documents. */
export function lint(description: OpenApiDescription, options: LintOptions = {}): LintResult {
  const subjects = subjectsOf(description)
  const found = new Collector(options, new Users(subjects))
  for (const rule of rules) found.run(rule, description, subjects)
  found.syntax(subjects)
  const problems = found.problems()
  return { problems, summary: summaryOf(problems, description, subjects) }
}

/** The counts of a summary that come from the problems alone. */
export function countsOf(problems: readonly Problem[]): Pick<Summary, 'errors' | 'warnings' | 'infos'> {
  const count = (severity: Severity): number => problems.filter((problem) => problem.severity === severity).length
  return { errors: count('error'), warnings: count('warning'), infos: count('info') }
}

function summaryOf(problems: readonly Problem[], description: OpenApiDescription, { keys, links }: CallbackSubjects): Summary {
  const values = links.flatMap((link) => link.values)
  const uses = new Set<string>()
  for (const subject of [...keys, ...values])
    for (const use of subject.uses) uses.add(`${placeOf(subject.at)} ${use.templateStart}`)
  return {
    files: description.files.size,
    callbacks: new Set(keys.map(({ at }) => placeOf(at))).size,
    expressions: uses.size,
    ...countsOf(problems),
  }
}

class Collector {
  readonly #options: LintOptions
  readonly #users: Users
  readonly #found = new Map<string, { readonly problem: Problem; readonly subjects: Set<Subject> }>()

  constructor(options: LintOptions, users: Users) {
    this.#options = options
    this.#users = users
  }

  run(rule: Rule, description: OpenApiDescription, subjects: CallbackSubjects): void {
    if (this.#setting(rule) === 'off') return
    const { operations, callbacks, keys, links } = subjects
    if (rule.operation) for (const operation of operations) this.#add(rule, rule.operation(operation))
    if (rule.callback) for (const callback of callbacks) this.#add(rule, rule.callback(callback))
    if (rule.key) for (const key of keys) this.#add(rule, rule.key(key), key)
    if (rule.link) for (const link of links) this.#add(rule, rule.link(link), undefined, link)
    if (rule.use) for (const use of usesIn(subjects)) this.#add(rule, rule.use(use), use.subject)
    if (rule.description) this.#add(rule, rule.description(description, subjects))
  }

  syntax({ keys, links }: CallbackSubjects): void {
    for (const subject of [...keys, ...links.flatMap(({ values }) => values)])
      for (const [rule, finding] of syntaxFindings(subject))
        if (this.#setting(rule) !== 'off') this.#add(rule, [finding], subject)
  }

  problems(): readonly Problem[] {
    return [...this.#found.values()]
      .map((one) => this.#forWhom(one))
      .sort((a, b) => compare(a.file, b.file) || a.offset - b.offset || compare(a.pointer, b.pointer) || compare(a.rule, b.rule))
  }

  #setting(rule: Rule): RuleSetting | undefined {
    const own = this.#options.rules
    if (own !== undefined && Object.hasOwn(own, rule.name)) return own[rule.name]
    return presetSetting(this.#options.preset ?? 'recommended', rule.name)
  }

  #add(rule: Rule, findings: Iterable<Finding>, of?: Subject, link?: LinkSubject): void {
    for (const finding of findings) {
      const { at } = finding.place
      const subject = of ?? link?.values.find((value) => value.at === at)
      const problem = problemOf(rule, finding, this.#setting(rule))
      // One place may be reached in many ways: a component from several operations, a file from several others.
      const id = `${rule.name} ${problem.file} ${problem.offset} ${problem.endLine}:${problem.endColumn} ${problem.pointer}`
      const known = this.#found.get(id)
      if (subject !== undefined) known?.subjects.add(subject)
      if (known !== undefined) continue
      if (isIgnored(problem, this.#options.ignore ?? []) || isIgnoredInline(rule.name, at)) continue
      this.#found.set(id, {
        problem: subject === undefined ? problem : this.#withCertainFix(problem, subject),
        subjects: new Set(subject === undefined ? [] : [subject]),
      })
    }
  }

  #withCertainFix(problem: Problem, subject: Subject): Problem {
    const { fix, suggestion, ...rest } = problem
    if (suggestion === undefined) return problem
    const source = subject.at.file.source?.text
    const changes = fix?.edits.some(({ start, end, text }) => source?.slice(start, end) !== text) ?? false
    // What is there already is no advice.
    if (suggestion === subject.text && !changes) return rest
    return fix === undefined || this.#users.areServedBy(subject, suggestion) ? problem : { ...rest, suggestion }
  }

  /** Names the operations that a defect is one for, where others use the same place and have none. */
  #forWhom({ problem, subjects }: { readonly problem: Problem; readonly subjects: ReadonlySet<Subject> }): Problem {
    const [first] = subjects
    if (first === undefined || problem.severity === 'info') return problem
    const others = this.#users.of(first).length - subjects.size
    if (others <= 0) return problem
    const names = [...new Set([...subjects].map(userName))]
    const named = names.length > 3 ? [...names.slice(0, 3), `${names.length - 3} more`] : names
    return { ...problem, message: `${problem.message} This is so for ${named.join(', ')}, and not for all who use it.` }
  }
}

function* usesIn({ keys, links }: Pick<CallbackSubjects, 'keys' | 'links'>): Iterable<ExpressionUse> {
  for (const { uses } of keys) yield* uses
  for (const { values } of links) for (const { uses } of values) yield* uses
}

function problemOf(rule: Rule, finding: Finding, setting: RuleSetting | undefined): Problem {
  const { place, message, key, expression, suggestion, fix } = finding
  const range = rangeOfPlace(place)
  return {
    rule: rule.name,
    severity: setting === undefined || setting === 'off' ? (finding.severity ?? rule.severity) : setting,
    message,
    file: place.at.file.name,
    line: range?.start.line ?? 1,
    column: range?.start.column ?? 1,
    endLine: range?.end.line ?? 1,
    endColumn: range?.end.column ?? 1,
    offset: range?.start.offset ?? 0,
    pointer: place.at.pointer,
    ...(key === undefined ? {} : { key }),
    ...(expression === undefined ? {} : { expression }),
    ...(suggestion === undefined ? {} : { suggestion }),
    ...(fix === undefined ? {} : { fix: { edits: fix } }),
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
