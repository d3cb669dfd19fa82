import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { fixedFile, type LintOptions, lint, type Problem } from '../../lint/index.ts'
import type { DescriptionFile } from '../../openapi/index.ts'
import { strictTextOf } from '../../util/index.ts'
import type { CommandContext } from '../command.ts'
import type { Input } from './inputs.ts'
import type { Loader } from './load.ts'

/** Files after fixing, by URI, with the text they had. */
export type ChangedFiles = Map<string, { readonly file: DescriptionFile; readonly before: string }>

/** One fix may make another one possible; this often, and no more. */
const mostRounds = 10

/** Fixes a description in memory: what the loader gives afterwards is the fixed one. */
export async function fixInMemory(
  loader: Loader,
  input: Input,
  text: string | undefined,
  options: LintOptions,
  changed: ChangedFiles,
): Promise<void> {
  if (text !== undefined) return
  for (let round = 0; round < mostRounds; round++) {
    const description = await loader.read(input)
    const { problems } = lint(description, options)
    let fixes = 0
    for (const file of description.files.values()) fixes += fixFile(file, problems, loader.filesOf(input), changed)
    if (fixes === 0) return
  }
}

function fixFile(
  file: DescriptionFile,
  problems: readonly Problem[],
  files: Map<string, DescriptionFile>,
  changed: ChangedFiles,
): number {
  const { source, uri, name } = file
  if (source === undefined || !uri.startsWith('file:')) return 0
  const own = problems.flatMap((problem) => (problem.file === name && problem.fix !== undefined ? [problem.fix] : []))
  const { file: fixed, count } = fixedFile(file, own)
  if (count === 0) return 0
  files.set(uri, fixed)
  changed.set(uri, { file: fixed, before: changed.get(uri)?.before ?? source.text })
  return count
}

/** Writes what was fixed, unless the file has changed in the meantime. */
export function writeFixes(changed: ChangedFiles, context: CommandContext): void {
  for (const [uri, { file, before }] of changed) {
    const path = fileURLToPath(uri)
    const bytes = readFileSync(path)
    const mark = bytes.length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? '\ufeff' : ''
    if (strictTextOf(bytes) !== before)
      context.stderr(`${file.name}: not fixed, because it is not UTF-8 or has changed meanwhile\n`)
    else writeFileSync(path, mark + (file.source?.text ?? before))
  }
}
