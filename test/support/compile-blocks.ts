import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import packageJson from '../../package.json' with { type: 'json' }
import type { CodeBlock } from './markdown.ts'

interface Module {
  readonly path: string
  readonly text: string
  /** Where each line of `text` stands in the document. */
  readonly lines: readonly number[]
}

/** Compiles all blocks at once, each as a module of its own. The answer is what the compiler says, at the lines of the documents. */
export async function compileBlocks(blocks: readonly (CodeBlock & { path: string })[], root: string): Promise<string[]> {
  if (blocks.length === 0) return []
  // Inside the repository, so that packages are found.
  mkdirSync(join(root, '.cache'), { recursive: true })
  const folder = mkdtempSync(join(root, '.cache/docs-'))
  try {
    const modules = modulesOf(blocks)
    for (const [name, { text }] of modules) writeFileSync(join(folder, name), `${text}\nexport {}\n`)
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(configuration()))
    const output = await runCompiler(folder)
    return output.map((line) =>
      line.replace(/^([^(]+)\((\d+),\d+\)/, (all, name: string, at: string) => {
        const module = modules.get(name)
        return module ? `${module.path}:${module.lines[Number(at) - 1]}` : all
      }),
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function modulesOf(blocks: readonly (CodeBlock & { path: string })[]): Map<string, Module> {
  const modules = new Map<string, Module>()
  let name = ''
  for (const { path, language, marks, text, line } of blocks) {
    const before = marks.includes('continues') ? modules.get(name) : undefined
    if (before === undefined) name = `${path.replaceAll(/[/.]/g, '-')}-${line}.${language}`
    const own = text.split('\n')
    modules.set(name, {
      path,
      text: [...(before ? [before.text] : []), ...own].join('\n'),
      lines: [...(before?.lines ?? []), ...own.map((_line, i) => line + i)],
    })
  }
  return modules
}

async function runCompiler(folder: string): Promise<string[]> {
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')
  const run = promisify(execFile)(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], { cwd: folder })
  const output = await run.then(
    () => '',
    ({ stdout, stderr }: { stdout: string; stderr: string }) => stdout + stderr,
  )
  return output.split('\n').filter((line) => line !== '')
}

/** As strict as for the tests; every public name of the package means its source. */
function configuration(): unknown {
  const doors = Object.entries(packageJson.exports).flatMap(([subPath, target]) =>
    typeof target === 'string'
      ? []
      : [[`ringback${subPath.slice(1)}`, [target.default.replace('./dist/', '../../src/').replace(/\.js$/, '.ts')]]],
  )
  return {
    extends: '../../tsconfig.json',
    compilerOptions: {
      allowJs: true,
      checkJs: true,
      declaration: false,
      isolatedDeclarations: false,
      noUnusedLocals: false,
      noUnusedParameters: false,
      paths: Object.fromEntries(doors),
    },
    include: ['.'],
  }
}
