// `npm run demo`: an API server and a subscriber, each a process of its own; a subscription, its callbacks, a refusal and its retry; then
// the server is killed between accepting and delivering, started again, and nothing is lost. Exit code 0 only if all of that was seen.
// --json prints the same as lines of JSON.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startProcess } from './process.mjs'
import { timeline } from './timeline.mjs'

const folder = mkdtempSync(join(tmpdir(), 'ringback-demo-'))
const store = join(folder, 'deliveries.sqlite')
const show = timeline({ json: process.argv.includes('--json') })
/** @type {Record<'calls' | 'attempts' | 'delivered', import('./process.mjs').Line[]>} */
const seen = { calls: [], attempts: [], delivered: [] }
/** @type {import('./process.mjs').Started[]} */
const processes = []

/** @param {string} name @param {string} file @param {...string} args */
const start = async (name, file, ...args) => {
  const started = await startProcess(new URL(file, import.meta.url), args, (line) => {
    show(name, line)
    if (line.event === 'call') seen.calls.push(line)
    if (line.event === 'attempt') seen.attempts.push(line)
    if (line.event === 'delivered') seen.delivered.push(line)
  })
  processes.push(started)
  return started
}

try {
  show('demo', { event: 'title', text: 'A subscription and its callbacks' })
  const subscriber = await start('receiver', 'receiver.mjs')
  const callbackUrl = subscriber.first.url
  let api = await start('api', 'api-server.mjs', '0', store)

  const first = await subscribe(api.first.port, { callbackUrl })
  await until(() => callsOf(first).length === 3 && seen.delivered.length === 3)

  show('demo', { event: 'title', text: 'The same again, and the server is killed before it could deliver' })
  // Long enough to be killed before, also on a slow machine.
  const second = await subscribe(api.first.port, { callbackUrl, delayMs: 2500 })
  await api.kill()
  show('demo', { event: 'killed', pid: api.first.pid, callsSoFar: callsOf(second).length })
  const callsBeforeRestart = callsOf(second).length
  api = await start('api', 'api-server.mjs', '0', store)
  const pendingAfterRestart = api.first.pending
  await until(() => callsOf(second).length === 3 && seen.delivered.length === 6)
  show('demo', { event: 'title', text: 'What was seen' })

  const retried = seen.attempts.filter((attempt) => seen.attempts.some((other) => other.id === attempt.id && other.n > attempt.n))
  /** @type {[text: string, ok: boolean][]} */
  const checks = [
    ['every key was resolved and its callback delivered', [first, second].every((stream) => callsOf(stream).length === 3)],
    ['the 503 was retried under the same id', retried.length === 1 && retried[0]?.result === 503],
    ['every call was signed', seen.calls.every((call) => call.signed)],
    ['the killed server had delivered nothing of what it had accepted', callsBeforeRestart === 0],
    ['the restarted server found all 3 in its store', pendingAfterRestart === 3],
    ['the subscriber got each callback once', new Set(seen.calls.map((call) => call.id)).size === 6 && seen.calls.length === 6],
  ]
  for (const [text, ok] of checks) show('demo', { event: 'check', text, ok })
  process.exitCode = checks.every(([, ok]) => ok) ? 0 : 1
} catch (error) {
  show('demo', { event: 'check', text: String(error), ok: false })
  process.exitCode = 1
} finally {
  await Promise.all(processes.map((one) => one.stop()))
  rmSync(folder, { recursive: true, force: true })
}

/** @param {number} port @param {object} subscription @returns {Promise<string>} */
async function subscribe(port, subscription) {
  const response = await fetch(`http://127.0.0.1:${port}/streams?token=a%26b`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(subscription),
  })
  const { id } = /** @type {{ id: string }} */ (await response.json())
  return id
}

/** @param {string} stream */
function callsOf(stream) {
  return seen.calls.filter((call) => call.body.stream === stream)
}

/** @param {() => boolean} isSo */
async function until(isSo) {
  const deadline = AbortSignal.timeout(10_000)
  while (!isSo()) {
    if (deadline.aborted) throw new Error('The callbacks did not arrive within 10 seconds.')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
