// Whole processes: wall time and memory of `ringback lint`, Redocly CLI and Spectral CLI on a small document and on one of 3 MB.
//   node scripts/run.mjs bench/lint.ts [runs]
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PEERS, peersFolder } from '../test/support/peers.ts'

const runs = Number(process.argv[2] ?? 5)
const root = process.cwd()
const peers = peersFolder(root)
const folder = mkdtempSync(join(peers ?? join(root, '.cache'), 'bench-'))

interface Tool {
  readonly name: string
  readonly args: (document: string) => readonly string[]
}

const tools: readonly Tool[] = [
  { name: 'ringback', args: (document) => [join(root, 'dist/cli/main.js'), 'lint', document, '-f', 'json'] },
  ...(peers === undefined
    ? []
    : [
        {
          name: `redocly ${PEERS['@redocly/cli']}`,
          args: (document: string) => [
            join(peers, 'node_modules/@redocly/cli/bin/cli.js'),
            'lint',
            document,
            '--config',
            'redocly.yaml',
            '--format',
            'json',
          ],
        },
        {
          name: `spectral ${PEERS['@stoplight/spectral-cli']}`,
          args: (document: string) => [
            join(peers, 'node_modules/@stoplight/spectral-cli/dist/index.js'),
            'lint',
            document,
            '-r',
            'spectral.yaml',
            '-f',
            'json',
          ],
        },
      ]),
]

try {
  writeFileSync(join(folder, 'redocly.yaml'), 'extends: [recommended]\ntelemetry: off\n')
  writeFileSync(join(folder, 'spectral.yaml'), "extends: ['spectral:oas']\n")
  // Tells the memory of the process once it ends.
  writeFileSync(
    join(folder, 'memory.cjs'),
    "process.on('exit', () => require('node:fs').writeSync(3, String(process.resourceUsage().maxRSS)))\n",
  )
  const documents = { small: document(2), large: document(2_900) }
  for (const [name, text] of Object.entries(documents)) writeFileSync(join(folder, `${name}.yaml`), text)
  const bare = measure([join(folder, 'nothing.cjs')])
  console.log(
    `node ${process.version}, ${runs} runs each, the median (and the fastest); a process that does nothing takes ${bare.median} ms`,
  )
  for (const name of Object.keys(documents)) {
    console.log(`\n${name}.yaml: ${Math.round(statSync(join(folder, `${name}.yaml`)).size / 1024)} KB`)
    let own = 0
    for (const tool of tools) {
      const { median, fastest, memory } = measure(tool.args(`${name}.yaml`))
      if (tool.name === 'ringback') own = median
      console.log(
        `  ${tool.name.padEnd(18)} ${String(median).padStart(6)} ms (${fastest})  ${String(memory).padStart(4)} MB  ${(median / own).toFixed(1)} times`,
      )
    }
  }
  if (peers === undefined) console.log('\nRedocly and Spectral are not installed, and the registry cannot be reached.')
} finally {
  rmSync(folder, { recursive: true })
}

function measure(args: readonly string[]): { median: number; fastest: number; memory: number } {
  writeFileSync(join(folder, 'nothing.cjs'), '')
  const times: number[] = []
  let memory = 0
  for (let run = 0; run < runs; run++) {
    const start = performance.now()
    const { output, status, stderr } = spawnSync(process.execPath, ['--require', join(folder, 'memory.cjs'), ...args], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      maxBuffer: 1 << 28,
      encoding: 'utf8',
    })
    times.push(performance.now() - start)
    if (status === null || status > 2) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`)
    memory = Math.max(memory, Number(output[3]) / 1024)
  }
  times.sort((a, b) => a - b)
  return { median: Math.round(times[times.length >> 1] ?? 0), fastest: Math.round(times[0] ?? 0), memory: Math.round(memory) }
}

/** As large API descriptions are: many paths and schemas, a callback with every tenth operation, one in a hundred broken. */
function document(paths: number): string {
  const lines = [
    'openapi: 3.0.3',
    "info: { title: Bench, version: '1', description: An API, license: { name: MIT } }",
    'servers:',
    '  - url: https://api.example.org',
    'paths:',
  ]
  for (let i = 0; i < paths; i++) {
    lines.push(
      `  /things${i}/{id}:`,
      '    post:',
      `      operationId: createThing${i}`,
      `      summary: Create thing number ${i}`,
      `      description: Creates a thing, and tells when it is there. This is the ${i}th of them.`,
      '      tags: [things]',
      '      parameters:',
      '        - { name: id, in: path, required: true, schema: { type: string } }',
      '      requestBody:',
      '        required: true',
      '        content:',
      '          application/json:',
      `            schema: { $ref: '#/components/schemas/Thing${i}' }`,
      '      responses:',
      "        '201':",
      '          description: Created',
      '          content:',
      '            application/json:',
      `              schema: { $ref: '#/components/schemas/Thing${i}' }`,
      "        '400': { description: Wrong }",
    )
    if (i % 10 === 0)
      lines.push(
        '      callbacks:',
        '        created:',
        `          '${i % 100 === 0 ? '{request.body' : '{$request.body'}#/callback/url}':`,
        '            post:',
        '              requestBody: { content: { application/json: { schema: { type: object } } } }',
        "              responses: { '200': { description: OK } }",
      )
  }
  lines.push('components:', '  schemas:')
  for (let i = 0; i < paths; i++)
    lines.push(
      `    Thing${i}:`,
      '      type: object',
      '      required: [name, callback]',
      '      properties:',
      '        name: { type: string, maxLength: 100 }',
      '        callback: { type: object, required: [url], properties: { url: { type: string, format: uri } } }',
      `        note${i}: { type: string, description: What people call it }`,
    )
  return `${lines.join('\n')}\n`
}
