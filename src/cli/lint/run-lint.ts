import { readFileSync } from 'node:fs'
import pc from 'picocolors'
import {
  baselineOf,
  countsOf,
  formatReport,
  isAtLeast,
  type LintOptions,
  lint,
  type Preset,
  type Problem,
  type ReportFormat,
  type Severity,
  unifiedDiff,
  unreadableProblem,
} from '../../lint/index.ts'
import { type Reader, remoteReader } from '../../loading/index.ts'
import { DocumentError } from '../../openapi/index.ts'
import { messageOf, strictTextOf } from '../../util/index.ts'
import type { CommandContext } from '../command.ts'
import { exitFindings, exitUnreadable, exitUsage } from '../exit-codes.ts'
import { packageVersion } from '../package.ts'
import { type BaselineFile, heldBack, readBaseline } from './baseline-file.ts'
import { ConfigurationError, readConfiguration } from './config-file.ts'
import { Findings } from './findings.ts'
import { Fixer } from './fixer.ts'
import { type Inputs, inputsOf } from './inputs.ts'
import { Loader } from './load.ts'
import type { OutputList } from './outputs.ts'
import type { Entry } from './survey.ts'
import { fixWrittenOrWhy, writtenOrWhy } from './write-file.ts'

export interface LintFlags {
  readonly format?: OutputList
  readonly fix?: true
  readonly dryRun?: true
  readonly failOn: Severity | 'none'
  readonly config?: string
  readonly preset?: Preset
  readonly root?: string
  readonly allowRemote?: true
  readonly allowHost?: readonly string[]
  readonly stdinFilename?: string
  readonly baseline?: string
  readonly writeBaseline?: string
}

/** `ringback lint`, once its arguments are understood. */
export async function runLint(paths: readonly string[], flags: LintFlags, context: CommandContext): Promise<void> {
  try {
    const options = optionsOf(flags)
    const baseline = flags.baseline === undefined ? undefined : readBaseline(flags.baseline)
    const reader = flags.allowRemote === true ? await guardedReader(flags.allowHost ?? []) : undefined
    await lintAll(paths, flags, options, baseline, new Loader(reader), context)
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    context.stderr(`${error.message}\n`)
    context.exitWith(exitUsage)
  }
}

/** Reads from the public Internet, and from hosts that are named. Loaded only when it is asked for. */
async function guardedReader(allow: readonly string[]): Promise<Reader> {
  const { publicInternet } = await import('../../outbound/index.ts')
  return remoteReader({ policy: publicInternet({ allow }) })
}

async function lintAll(
  paths: readonly string[],
  flags: LintFlags,
  options: LintOptions,
  baseline: BaselineFile | undefined,
  loader: Loader,
  context: CommandContext,
): Promise<void> {
  const unreadable: Problem[] = []
  let unwritten = 0
  const fail = (name: string, error: unknown): void => {
    const problem = unreadableProblem(error, name)
    unreadable.push({ ...problem, message: withoutLimit(problem.message) })
    const message = messageOf(error)
    context.stderr(`${withoutLimit(message.startsWith(name) ? message : `${name}: ${message}`)}\n`)
  }
  const wrote = (why: string | undefined): boolean => {
    if (why === undefined) return true
    unwritten++
    context.stderr(`${why}\n`)
    return false
  }
  const { inputs, missing, skipped } = inputsOf(
    paths.filter((path) => path !== '-'),
    flags.root,
  )
  for (const { name, message } of missing) fail(name, message)
  const entries: Entry[] = inputs.map((input) => ({ input, text: undefined }))
  const standardInput = paths.includes('-') ? (context.stdin?.() ?? readFileSync(0)) : undefined
  if (standardInput !== undefined) {
    const name = flags.stdinFilename ?? '<stdin>'
    const text = strictTextOf(standardInput)
    if (text === undefined) fail(name, 'expected YAML or JSON text but found bytes that are not UTF-8')
    else entries.unshift({ input: { name, root: flags.root, found: false }, text })
  }
  const fixer = new Fixer(loader, options)
  if (flags.fix === true || flags.dryRun === true) {
    await fixer.run(entries)
    for (const changed of fixer.changed.values()) {
      const { file, before, count } = changed
      if (flags.dryRun === true) context.stdout(unifiedDiff(file.name, before.source?.text ?? '', file.source?.text ?? ''))
      else if (wrote(fixWrittenOrWhy(changed))) context.stderr(`${file.name}: ${count} ${count === 1 ? 'fix' : 'fixes'} made\n`)
      else loader.replace(before)
    }
    if (fixer.leftToOthers > 0)
      context.stderr(
        `${fixer.leftToOthers} more can be fixed in files that other documents may use: name those documents too, or their folder\n`,
      )
  }
  const found = await findingsOf(entries, loader, options, fail)
  const all = await told(found, fixer, entries, flags)
  const { problems, notes } = baseline === undefined ? { problems: all, notes: [] } : heldBack(baseline, all, found, paths)
  for (const note of notes) context.stderr(`${note}\n`)
  const { writeBaseline } = flags
  if (writeBaseline !== undefined) {
    const text = `${JSON.stringify(baselineOf(problems), null, 2)}\n`
    if (wrote(writtenOrWhy(writeBaseline, writeBaseline, text)))
      context.stderr(`${writeBaseline}: ${problems.length} ${problems.length === 1 ? 'finding' : 'findings'} written\n`)
  }
  for (const why of report(found, skipped, problems, unreadable, flags, context)) wrote(why)
  const { failOn } = flags
  const fails = failOn !== 'none' && problems.some(({ severity }) => isAtLeast(severity, failOn))
  if (unreadable.length + unwritten > 0) context.exitWith(exitUnreadable)
  else if (fails && flags.writeBaseline === undefined) context.exitWith(exitFindings)
}

async function findingsOf(
  entries: readonly Entry[],
  loader: Loader,
  options: LintOptions,
  fail: (name: string, error: unknown) => void,
): Promise<Findings> {
  const found = new Findings()
  for (const { input, text } of entries) {
    try {
      const description = await loader.read(input, text)
      found.add(lint(description, options), description)
    } catch (error) {
      if (!(error instanceof DocumentError)) throw error
      fail(input.name, error)
    }
  }
  return found
}

/** A fix is told of only if --fix makes it. In files that only one document has, every fix is made. */
async function told(found: Findings, fixer: Fixer, entries: readonly Entry[], flags: LintFlags): Promise<readonly Problem[]> {
  const problems = found.problems()
  const names = new Set(entries.map(({ input }) => input.name))
  const isDoubtful = problems.some(({ fix, file }) => fix !== undefined && (found.isShared(file) || !names.has(file)))
  if (isDoubtful && flags.fix !== true && flags.dryRun !== true) await fixer.run(entries)
  return problems.map((problem) => fixer.told(problem))
}

/** The limits of the library have no options here. */
function withoutLimit(message: string): string {
  return message.replace(/, or raise the limit "\w+"/, '')
}

const forPeople: ReadonlySet<ReportFormat> = new Set(['pretty', 'stylish'])

/** What could not be written is the answer. */
function report(
  found: Findings,
  skipped: Inputs['skipped'],
  problems: readonly Problem[],
  unreadable: readonly Problem[],
  { format, dryRun }: LintFlags,
  context: CommandContext,
): readonly string[] {
  // A diff on standard output can be applied by others; a report behind it could not.
  if (format === undefined && dryRun === true) return []
  const outputs = format?.list(process.stdout.isTTY) ?? [
    { format: process.stdout.isTTY ? ('pretty' as const) : ('stylish' as const), file: undefined },
  ]
  return outputs.flatMap((output) => {
    const isRead = forPeople.has(output.format) && output.file === undefined
    const summary = found.summary(skipped)
    // People read of it on standard error already; a summary of nothing would look like success.
    if (isRead && unreadable.length > 0 && summary.files === 0) return []
    const all = isRead ? problems : [...unreadable, ...problems]
    const text = formatReport({ problems: all, summary: { ...summary, ...countsOf(all) } }, output.format, {
      version: packageVersion(),
      textOf: (name) => found.textOf(name),
      ...(output.file === undefined ? { colors: pc } : {}),
    })
    if (output.file === undefined) context.stdout(text)
    return output.file === undefined ? [] : (writtenOrWhy(output.file, output.file, text) ?? [])
  })
}

function optionsOf({ config, preset }: LintFlags): LintOptions {
  const options = readConfiguration(config, process.cwd())
  return preset === undefined ? options : { ...options, preset }
}
