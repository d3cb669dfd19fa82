import { dirname, join } from 'node:path/posix'
import type { Allowance } from './floors.ts'
import { type Import, readImports } from './imports.ts'

export interface SourceFile {
  /** From the root of the repository, with slashes: `src/util/clock.ts`. */
  readonly path: string
  readonly text: string
}

export interface Rules {
  readonly floors: Readonly<Record<string, readonly string[]>>
  readonly browserFloors: readonly string[]
  readonly allowances: readonly Allowance[]
}

/** Everything in these files that the rules forbid, one sentence each. Empty: the house stands. */
export function checkArchitecture(files: readonly SourceFile[], rules: Rules): string[] {
  const problems: string[] = []
  const paths = new Set(files.map(({ path }) => path))
  const graph = new Map<string, string[]>()
  const used = new Set<string>()

  for (const floor of new Set(files.map(({ path }) => floorOf(path))))
    if (!Object.hasOwn(rules.floors, floor)) problems.push(`src/${floor}: this folder is not in the table of floors`)

  for (const file of files) {
    const targets: string[] = []
    graph.set(file.path, targets)
    for (const one of readImports(file.path, file.text)) {
      const target = targetOf(file.path, one.specifier)
      const problem =
        target === undefined
          ? checkExternal(file.path, one, rules, used)
          : checkInternal(file.path, one.specifier, target, paths, rules)
      if (problem) problems.push(`${file.path}:${one.line}: ${problem}`)
      if (target !== undefined && paths.has(target)) targets.push(target)
    }
  }

  for (const cycle of cyclesOf(graph)) problems.push(`cycle of imports: ${cycle.join(' -> ')}`)
  problems.push(...staleAllowances(rules, paths, used))
  return problems
}

/** The folder directly under `src`; '' for the files of `src` itself. */
function floorOf(path: string): string {
  const [, floor = '', rest] = path.split('/')
  return rest === undefined ? '' : floor
}

/** The source file that is meant, `undefined` for a package or a built-in module. */
function targetOf(path: string, specifier: string | undefined): string | undefined {
  if (specifier === undefined) return undefined
  // package.json has no `imports`: such a name leads nowhere.
  if (specifier.startsWith('#')) return specifier
  return /^\.\.?(\/|$)/.test(specifier) ? join(dirname(path), specifier) : undefined
}

function checkInternal(
  path: string,
  specifier: string | undefined,
  target: string,
  paths: ReadonlySet<string>,
  rules: Rules,
): string | undefined {
  if (!paths.has(target)) return `imports ${specifier}, which is no file of src`
  const [from, to] = [floorOf(path), floorOf(target)]
  if (from === to) return checkFolders(path, target, paths)
  if (!rules.floors[from]?.includes(to)) return `${from || 'src'} must not import ${to || 'src'} (${target})`
  if (target !== `src/${to}/index.ts`) return `imports ${target}: enter another floor through src/${to}/index.ts`
  return undefined
}

// Inside a floor, a folder that has an index.ts is entered through it; one without is a mere list of files.
function checkFolders(path: string, target: string, paths: ReadonlySet<string>): string | undefined {
  for (let folder = dirname(target); folder.split('/').length > 2; folder = dirname(folder)) {
    const door = `${folder}/index.ts`
    if (paths.has(door) && target !== door && !path.startsWith(`${folder}/`))
      return `imports ${target}: enter the folder through ${door}`
  }
  return undefined
}

function checkExternal(path: string, { specifier, typeOnly }: Import, rules: Rules, used: Set<string>): string | undefined {
  const name = specifier === undefined ? COMPUTED : packageOf(specifier)
  if (name.startsWith('node:') && rules.browserFloors.includes(floorOf(path)))
    return `imports ${name}, but ${floorOf(path)} has to run in a browser`
  const allowance = rules.allowances.find(({ files, externals }) => covers(files, path) && externals.includes(name))
  if (!allowance && name === COMPUTED) return 'imports a computed name, which nobody can check'
  if (!allowance) return `imports ${name}, which is not listed for this file`
  if (allowance.typesOnly && !typeOnly) return `imports ${name} for more than its types`
  used.add(keyOf(allowance, name))
  return undefined
}

/** Stands in `externals` for files of the user, whose names are known at run time. */
const COMPUTED = '(computed)'

function packageOf(specifier: string): string {
  return specifier.startsWith('node:') ? specifier : (/^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier)
}

function covers(files: string, path: string): boolean {
  return files.endsWith('/') ? path.startsWith(files) : path === files
}

function keyOf(allowance: Allowance, external: string): string {
  return `${allowance.files} ${external}`
}

function staleAllowances(rules: Rules, paths: ReadonlySet<string>, used: ReadonlySet<string>): string[] {
  return rules.allowances.flatMap((allowance) => {
    const { files, externals } = allowance
    if (![...paths].some((path) => covers(files, path)))
      return [`${files} may import ${externals.join(', ')}, but there is no such file`]
    return externals
      .filter((external) => !used.has(keyOf(allowance, external)))
      .map((external) => `${files} may import ${external}, but does not`)
  })
}

/** One shortest cycle through each group of files that reach each other, written with its first file again at the end. */
function cyclesOf(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles: string[][] = []
  const told = new Set<string>()
  for (const start of graph.keys()) {
    if (told.has(start)) continue
    const cycle = shortestCycle(graph, start)
    if (!cycle) continue
    cycles.push(cycle)
    for (const path of cycle) told.add(path)
  }
  return cycles
}

function shortestCycle(graph: ReadonlyMap<string, readonly string[]>, start: string): string[] | undefined {
  const cameFrom = new Map<string, string>()
  const queue = [start]
  for (const path of queue)
    for (const next of graph.get(path) ?? []) {
      if (next === start) {
        const way = [start]
        for (let at = path; at !== start; at = cameFrom.get(at) ?? start) way.unshift(at)
        return [start, ...way]
      }
      if (!cameFrom.has(next)) {
        cameFrom.set(next, path)
        queue.push(next)
      }
    }
  return undefined
}
