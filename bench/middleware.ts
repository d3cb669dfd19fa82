// What following requests costs: requests per second without the middleware, and with it. Each server is a process of its own, and so is the
// load. What is compared takes turns, and the ratio of each turn counts, so that a busy machine treats both alike. `empty` is the server with a
// middleware that does nothing, and `least` the one without, with the least that a callback can cost done by hand: what is missing to those is ours.
//   node scripts/run.mjs bench/middleware.ts [rounds] [milliseconds] [only: express, fastify, hono, proxy]
// A quick look: node scripts/run.mjs bench/middleware.ts 3 300 fastify
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { machine } from './measure.ts'
import { body, document, urlQuery } from './middleware/document.ts'
import { type Load, serveLoad } from './middleware/load.ts'
import { type Kind, serve, serveProxy } from './middleware/serve.ts'

interface Running {
  readonly child: ChildProcess
  readonly port: number
}

interface Turn {
  readonly answers: number
  readonly perSecond: number
  /** Microseconds of processor time for each answer, where the system tells: steadier than the rate when the machine is busy. */
  readonly cpu: number
}

// Code that runs for each request is compiled only after thousands of them: as many for each server, since the slower one has fewer in a time.
const warmUpAnswers = 15_000

type Route = Pick<Load, 'method' | 'path' | 'body' | 'status'>

const [role = '7', ...args] = process.argv.slice(2)
// A child does not outlive its parent.
process.once('disconnect', () => process.exit())
if (role === 'load') serveLoad()
else if (role === 'serve') await serve(args[0] ?? '', args[1] as Kind)
else if (role === 'proxy') await serveProxy(args[0] ?? '')
else await compare(Number(role), Number(args[0] ?? 1000), args[1])

async function compare(rounds: number, ms: number, only: string | undefined): Promise<void> {
  const text = JSON.stringify(body)
  const read: Route = { method: 'GET', path: '/orders/o1', status: 200 }
  const post = (path: string): Route => ({ method: 'POST', path, body: text, status: 201 })
  const routes: [name: string, route: Route, goal: number | undefined][] = [
    ['a route without callbacks (GET)', read, 97],
    ['a route without callbacks (POST)', post('/plain'), 97],
    ['a callback that needs no body', post(`/url?${urlQuery}`), 85],
    ['… that needs the request body', post('/request'), 85],
    ['… that needs the response body', post('/response'), 85],
  ]
  const load = await start('load')
  console.log(`${machine()}; ${rounds} rounds of ${ms} ms; medians, ratios of each round`)
  for (const framework of ['express', 'fastify', 'hono'].filter((name) => only === undefined || name === only)) {
    const bare = await start('serve', framework, 'bare')
    const [empty, least] = [await start('serve', framework, 'empty'), await start('serve', framework, 'least')]
    const ours = await start('serve', framework, 'ringback')
    console.log(`\n${framework}`)
    for (const [name, route, goal] of routes) {
      await compareOne(name, load, route, bare, ours, { rounds, ms, goal })
      const [other, otherName] = goal === 85 ? [least, 'least'] : [empty, 'empty']
      await compareOne(`  ${otherName}`, load, route, bare, other, { rounds, ms })
    }
    await end(bare, empty, least, ours)
  }
  if (only === undefined || only === 'proxy') await compareProxies(load, routes, rounds, ms)
  await end(load)
}

async function compareProxies(
  load: Running,
  routes: [name: string, route: Route, goal: number | undefined][],
  rounds: number,
  ms: number,
): Promise<void> {
  const upstream = await start('serve', 'fastify', 'bare')
  const origin = `http://127.0.0.1:${upstream.port}`
  const bare = await start('proxy', origin)
  const folder = mkdtempSync(join(tmpdir(), 'ringback-bench-'))
  const [description, handlers] = [join(folder, 'openapi.json'), join(folder, 'handlers.mjs')]
  writeFileSync(description, JSON.stringify(document))
  // It delivers too, so that what is planned goes nowhere: a delivery is not what is measured.
  writeFileSync(handlers, 'export default { byRequest: { made: () => undefined }, byResponse: { made: () => undefined } }')
  const ours = await startProxy(description, '--upstream', origin, '--handlers', handlers)
  console.log('\nproxy: `ringback proxy` against a bare one over undici; callbacks are planned, and none is sent')
  for (const [name, route] of routes.filter(([, { path }]) => !path.startsWith('/url'))) {
    await compareOne(name, load, route, bare, ours, { rounds, ms })
  }
  await end(upstream, bare, ours)
  rmSync(folder, { recursive: true })
}

async function compareOne(
  name: string,
  load: Running,
  route: Route,
  bare: Running,
  ours: Running,
  { rounds, ms, goal }: { readonly rounds: number; readonly ms: number; readonly goal?: number | undefined },
): Promise<void> {
  const pairs: [bare: Turn, ours: Turn][] = []
  for (const server of [bare, ours]) {
    for (let answers = 0; answers < warmUpAnswers; ) answers += (await measureOne(load, server, route, ms)).answers
  }
  for (let round = 0; round < rounds; round++) {
    const turns = new Map<Running, Turn>()
    for (const server of round % 2 === 0 ? [bare, ours] : [ours, bare]) {
      turns.set(server, await measureOne(load, server, route, ms))
    }
    const [before, after] = [turns.get(bare), turns.get(ours)]
    if (before !== undefined && after !== undefined) pairs.push([before, after])
  }
  const rate = median(pairs.map(([before, after]) => (100 * after.perSecond) / before.perSecond))
  const cpu = median(pairs.map(([before, after]) => (100 * before.cpu) / after.cpu))
  const [perSecond, withIt] = [median(pairs.map(([one]) => one.perSecond)), median(pairs.map(([, one]) => one.perSecond))]
  const extra = median(pairs.map(([before, after]) => after.cpu - before.cpu))
  console.log(
    `  ${name.padEnd(34)} ${perSecond.toFixed(0).padStart(6)}/s → ${withIt.toFixed(0).padStart(6)}/s  ${percent(rate)}` +
      `   processor time ${percent(cpu)} (+${extra.toFixed(1)} us)${goal === undefined ? '' : `   goal ${goal} %`}`,
  )
}

async function measureOne(load: Running, server: Running, route: Route, ms: number): Promise<Turn> {
  const cpuBefore = cpuOf(server)
  const startedAt = performance.now()
  const { answers } = await ask<{ answers: number }>(load, { ...route, port: server.port, ms })
  const seconds = (performance.now() - startedAt) / 1000
  const cpu = ((cpuOf(server) - cpuBefore) * 10_000) / answers
  // Every round begins with an empty store.
  if (server.child.connected) await ask(server, 'empty')
  return { answers, perSecond: answers / seconds, cpu }
}

/** Ticks of a hundredth of a second. */
function cpuOf({ child: { pid } }: Running): number {
  if (process.platform !== 'linux') return Number.NaN
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? []
  return Number(fields[11]) + Number(fields[12])
}

async function start(...words: readonly string[]): Promise<Running> {
  const child = fork(fileURLToPath(import.meta.url), words, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [] })
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  return { child, port }
}

async function startProxy(...words: readonly string[]): Promise<Running> {
  const main = fileURLToPath(import.meta.resolve('ringback/package.json')).replace('package.json', 'dist/cli/main.js')
  const child = spawn(process.execPath, [main, 'proxy', ...words], { stdio: ['ignore', 'pipe', 'inherit'] })
  process.once('exit', () => child.kill('SIGKILL'))
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  child.stdout.resume()
  return { child, port: Number(new URL(/http:\S+/.exec(line)?.[0] ?? '').port) }
}

async function ask<Answer>({ child }: Running, message: object | string): Promise<Answer> {
  const answer = once(child, 'message')
  child.send(message)
  return (await answer)[0] as Answer
}

async function end(...running: readonly Running[]): Promise<void> {
  for (const { child } of running) {
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

function percent(value: number): string {
  return `${value.toFixed(1).padStart(5)} %`
}
