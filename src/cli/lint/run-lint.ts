import { readFileSync, writeFileSync } from 'node:fs'
import pc from 'picocolors'
import {
  type Baseline,
  baselineOf,
  countsOf,
  formatReport,
  isAtLeast,
  isBaseline,
  type LintOptions,
  lint,
  newSince,
  type Preset,
  type Problem,
  type Severity,
  type Summary,
  unifiedDiff,
} from '../../lint/index.ts'
import { type DescriptionFile, DocumentError } from '../../openapi/index.ts'
import { strictTextOf } from '../../util/index.ts'
import type { CommandContext } from '../command.ts'
import { exitFindings, exitUnreadable, exitUsage } from '../exit-codes.ts'
import { packageVersion } from '../package.ts'
import { ConfigurationError, readConfiguration } from './config-file.ts'
import { fixInMemory, writeFixes } from './fix-files.ts'
import { type Input, inputsOf } from './inputs.ts'
import { Loader } from './load.ts'
import type { OutputList } from './outputs.ts'

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
    const reader =
      flags.allowRemote === true ? (await import('./remote-reader.ts')).remoteReader(flags.allowHost ?? []) : undefined
    try {
      await lintAll(paths, flags, options, baseline, new Loader(reader), context)
    } finally {
      await reader?.close()
    }
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    context.stderr(`${error.message}\n`)
    context.exitWith(exitUsage)
  }
}

async function lintAll(
  paths: readonly string[],
  flags: LintFlags,
  options: LintOptions,
  baseline: Baseline | undefined,
  loader: Loader,
  context: CommandContext,
): Promise<void> {
  const found = new Findings()
  let unreadable = 0
  const fail = (name: string, message: string): void => {
    unreadable++
    context.stderr(`${message.startsWith(name) ? message : `${name}: ${message}`}\n`)
  }
  const { inputs, missing } = inputsOf(
    paths.filter((path) => path !== '-'),
    flags.root,
  )
  for (const { name, message } of missing) fail(name, message)
  const standardInput = paths.includes('-') ? (context.stdin?.() ?? readFileSync(0)) : undefined
  const all: [Input, string | undefined][] = inputs.map((input) => [input, undefined])
  if (standardInput !== undefined) {
    const name = flags.stdinFilename ?? '<stdin>'
    const text = strictTextOf(standardInput)
    if (text === undefined) fail(name, 'expected YAML or JSON text but found bytes that are not UTF-8')
    else all.unshift([{ name, root: flags.root, found: false }, text])
  }
  const changed = new Map<string, { readonly file: DescriptionFile; readonly before: string }>()
  for (const [input, text] of all) {
    try {
      if (flags.fix === true || flags.dryRun === true) await fixInMemory(loader, input, text, options, changed)
      const description = await loader.read(input, text)
      found.add(lint(description, options), description.files)
    } catch (error) {
      if (!(error instanceof DocumentError)) throw error
      fail(input.name, error.message)
    }
  }
  if (flags.dryRun === true)
    for (const { file, before } of changed.values()) context.stdout(unifiedDiff(file.name, before, file.source?.text ?? ''))
  else if (flags.fix === true) writeFixes(changed, context)
  const problems = baseline === undefined ? found.problems() : newSince(baseline, found.problems())
  if (flags.writeBaseline !== undefined) writeFileSync(flags.writeBaseline, `${JSON.stringify(baselineOf(problems), null, 2)}\n`)
  report(found, problems, flags, context)
  const { failOn } = flags
  const fails = failOn !== 'none' && problems.some(({ severity }) => isAtLeast(severity, failOn))
  if (unreadable > 0) context.exitWith(exitUnreadable)
  else if (fails && flags.writeBaseline === undefined) context.exitWith(exitFindings)
}

function report(found: Findings, problems: readonly Problem[], { format, dryRun }: LintFlags, context: CommandContext): void {
  // A diff on standard output can be applied by others; a report behind it could not.
  if (format === undefined && dryRun === true) return
  const summary = { ...found.summary(), ...countsOf(problems) }
  const outputs = format?.list(process.stdout.isTTY) ?? [
    { format: process.stdout.isTTY ? ('pretty' as const) : ('stylish' as const), file: undefined },
  ]
  for (const output of outputs) {
    const text = formatReport({ problems, summary }, output.format, {
      version: packageVersion(),
      textOf: (name) => found.textOf(name),
      ...(output.file === undefined ? { colors: pc } : {}),
    })
    if (output.file === undefined) context.stdout(text)
    else writeFileSync(output.file, text)
  }
}

/** What several descriptions say; a file that they share is told of once. */
class Findings {
  readonly #problems = new Map<string, Problem>()
  /** The texts of those that have findings; what was parsed is not kept. */
  readonly #files = new Map<string, string | undefined>()
  #callbacks = 0
  #expressions = 0

  add({ problems, summary }: ReturnType<typeof lint>, files: ReadonlyMap<string, DescriptionFile>): void {
    for (const problem of problems) {
      const { rule, file, offset, endLine, endColumn, pointer } = problem
      const id = `${rule} ${file} ${offset} ${endLine}:${endColumn} ${pointer}`
      if (!this.#problems.has(id)) this.#problems.set(id, problem)
    }
    const found = new Set(problems.map(({ file }) => file))
    for (const { name, source } of files.values())
      if (found.has(name) || !this.#files.has(name)) this.#files.set(name, found.has(name) ? source?.text : undefined)
    this.#callbacks += summary.callbacks
    this.#expressions += summary.expressions
  }

  problems(): readonly Problem[] {
    return [...this.#problems.values()]
  }

  summary(): Omit<Summary, 'errors' | 'warnings' | 'infos'> {
    return { files: this.#files.size, callbacks: this.#callbacks, expressions: this.#expressions }
  }

  textOf(name: string): string | undefined {
    return this.#files.get(name)
  }
}

function optionsOf({ config, preset }: LintFlags): LintOptions {
  const options = readConfiguration(config, process.cwd())
  return preset === undefined ? options : { ...options, preset }
}

function readBaseline(file: string): Baseline {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new ConfigurationError(
      `The baseline ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    )
  }
  if (!isBaseline(value)) throw new ConfigurationError(`${file} is no baseline: write one with --write-baseline.`)
  return value
}
