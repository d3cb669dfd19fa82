import { existsSync, readFileSync } from 'node:fs'
import { type Baseline, isBaseline, newSince, type Problem, staleIn } from '../../lint/index.ts'
import { messageOf } from '../../util/index.ts'
import { ConfigurationError } from './config-file.ts'
import type { Findings } from './findings.ts'

export interface BaselineFile {
  readonly name: string
  readonly baseline: Baseline
}

export function readBaseline(name: string): BaselineFile {
  let baseline: unknown
  try {
    baseline = JSON.parse(readFileSync(name, 'utf8'))
  } catch (error) {
    throw new ConfigurationError(`The baseline ${name} cannot be read: ${messageOf(error)}`, { cause: error })
  }
  if (!isBaseline(baseline)) throw new ConfigurationError(`${name} is no baseline: write one with --write-baseline.`)
  return { name, baseline }
}

/** The findings that are new, and what is to be said of the others. Entries of files that this run did not look at may hold. */
export function heldBack(
  { name, baseline }: BaselineFile,
  all: readonly Problem[],
  found: Findings,
  paths: readonly string[],
): { readonly problems: readonly Problem[]; readonly notes: readonly string[] } {
  const problems = newSince(baseline, all)
  const notes = [`${all.length - problems.length} held back by ${name}`]
  const elsewhere = ({ file }: { readonly file: string }): boolean => !found.has(file) && existsSync(file)
  const gone = staleIn(baseline, all).filter((entry) => !elsewhere(entry))
  const count = gone.reduce((sum, entry) => sum + (entry.count ?? 1), 0)
  if (count > 0) {
    // Written anew it holds what is found then, and nothing else.
    const first = problems.length > 0 ? 'mend what is reported, then ' : ''
    const which = baseline.problems.some(elsewhere) ? '<all that it is of>' : paths.join(' ')
    const [are, them] = count === 1 ? ['is', 'it'] : ['are', 'them']
    notes.push(
      `${count} in ${name} ${are} found no more. To remove ${them}: ${first}ringback lint ${which} --write-baseline ${name}`,
    )
  }
  return { problems, notes }
}
