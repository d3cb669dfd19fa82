import { join } from 'node:path'
import { afterEach } from 'vitest'
import { runCommandLine } from '../../../src/cli/index.ts'
import { scratch } from '../../support/scratch.ts'

const own = scratch()

/** A path in a folder of ours, with a file there if there is content. */
export function file(name: string, content = ''): string {
  return content === '' ? join(own.folder, name) : own.file(name, content)
}

/** Two operations, one of which has a callback, and one that is an error to the linter when `broken`. */
export const document: string = file(
  'openapi.yaml',
  `
openapi: 3.1.0
info: { title: Orders, version: '1' }
servers: [{ url: /v1 }]
paths:
  /orders:
    post:
      operationId: createOrder
      requestBody:
        content: { application/json: { schema: { type: object, properties: { callbackUrl: { type: string } } } } }
      responses: { '201': { description: made, content: { application/json: { schema: { type: object } } } } }
      callbacks:
        onDone:
          '{$request.body#/callbackUrl}':
            post:
              requestBody:
                content:
                  application/json:
                    schema: { type: object, required: [id], properties: { id: { type: string }, status: { type: string } } }
                    example: { id: o1, status: made }
              responses: { '204': { description: ok } }
`,
)

export interface RunningProxy {
  readonly port: number
  readonly out: { stdout: string; stderr: string }
  /** Resolves when a line of the output fits. */
  line(pattern: RegExp): Promise<string>
  stop(): Promise<number>
}

const running = new Set<() => Promise<number>>()
afterEach(async () => {
  for (const stop of running) await stop()
})

/** `ringback proxy` in this process. Ended by the signal, as the real one, whose other listeners are kept away from it. */
export async function startProxy(...args: string[]): Promise<RunningProxy> {
  const out = { stdout: '', stderr: '' }
  const waiting = new Set<() => void>()
  const terminal = {
    stdout(text: string) {
      out.stdout += text
      for (const look of waiting) look()
    },
    stderr: (text: string) => (out.stderr += text),
  }
  const others = process.listeners('SIGTERM')
  const exitCode = runCommandLine(['proxy', ...args], terminal)
  const line = (pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = out.stdout.split('\n').find((one) => pattern.test(one))
        if (found === undefined) return
        waiting.delete(look)
        resolve(found)
      }
      waiting.add(look)
      look()
      void exitCode.then((code) => reject(new Error(`Ended with ${code}: ${out.stdout}${out.stderr}`)))
    })
  const first = await line(/127\.0\.0\.1:\d+/)
  const stop = async (): Promise<number> => {
    running.delete(stop)
    for (const listener of process.listeners('SIGTERM')) if (!others.includes(listener)) listener('SIGTERM')
    return exitCode
  }
  running.add(stop)
  return { port: Number(/127\.0\.0\.1:(\d+)/.exec(first)?.[1]), out, line, stop }
}

/** What the command prints and ends with, when it ends by itself. */
export async function proxy(...args: string[]): Promise<{ readonly code: number; readonly stderr: string }> {
  let stderr = ''
  const code = await runCommandLine(['proxy', ...args], { stdout: () => {}, stderr: (text) => (stderr += text) })
  return { code, stderr }
}
