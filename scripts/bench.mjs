// Runs every benchmark, or those named, and writes one report of all that they print:
//   npm run bench -- [-o FILE] [NAME…]          default: bench/report.md, which git ignores: numbers are true of one machine only
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildWhereStale } from './build/fresh.mjs'
import { root } from './build/paths.mjs'

// Files that are no benchmark of their own, but what several share.
const shared = ['measure.ts', 'delivery-load.ts']
const all = readdirSync(join(root, 'bench')).filter((file) => file.endsWith('.ts') && !shared.includes(file))
const { values, positionals } = parseArgs({ options: { output: { type: 'string', short: 'o' } }, allowPositionals: true })
const named = positionals.map((name) => `${name}.ts`)
const unknown = named.filter((file) => !all.includes(file))
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}; there are ${all.join(', ')}.`)
  process.exit(64)
}

buildWhereStale()
const sections = []
let failed = false
for (const file of named.length > 0 ? named : all) {
  console.log(`\n== bench/${file}\n`)
  const { output, status } = await run(file)
  const told = status === 0 ? '' : `\nIt ended with exit code ${status}.\n`
  failed ||= status !== 0
  sections.push(`## ${file.replace(/\.ts$/, '')}\n\n\`\`\`text\n${output.trim()}\n\`\`\`\n${told}`)
}
const report = join(root, values.output ?? 'bench/report.md')
writeFileSync(report, [head(), ...sections].join('\n'))
console.log(`\nWritten to ${values.output ?? 'bench/report.md'}.`)
process.exitCode = failed ? 1 : 0

/**
 * One after the other: they would take each other's time.
 * @param {string} file
 * @returns {Promise<{ output: string, status: number }>}
 */
function run(file) {
  const child = spawn(process.execPath, ['scripts/run.mjs', `bench/${file}`], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text
    process.stdout.write(text)
  })
  return new Promise((resolve) => child.on('close', (code) => resolve({ output, status: code ?? 1 })))
}

function head() {
  const [cpu] = cpus()
  const { version, dependencies, optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  // What is bundled, and what is measured against.
  const others = ['chevrotain', 'js-yaml', 'json-pointer', 'apg-js', 'pg']
  const packages = [...Object.keys({ ...dependencies, ...optionalDependencies }), ...others].sort()
  const { packages: locked } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const versions = packages.map((name) => `${name} ${locked[`node_modules/${name}`]?.version ?? 'is not there'}`)
  return `# Benchmarks of ringback ${version}

| | |
|---|---|
| measured at | ${new Date().toISOString()} |
| processor | ${cpu?.model.trim() ?? 'unknown'} × ${cpus().length} |
| memory | ${Math.round(totalmem() / 2 ** 30)} GB |
| system | ${process.platform} ${process.arch} |
| Node | ${process.version} (V8 ${process.versions.v8}) |
| packages | ${versions.join(', ')} |

Ratios compare with the first line of their group, which is ours.
`
}
