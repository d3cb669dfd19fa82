import { afterAll, expect, test } from 'vitest'
import { buildScript, type Script, sourceFile } from '../support/child.ts'

let script: Script | undefined
afterAll(() => script?.remove())

const program = `
  import { withCallbacks } from ${sourceFile('middleware/fetch.ts')}
  const description = {
    openapi: '3.1.0',
    info: { title: 'Orders', version: '1' },
    paths: { '/orders': { post: {
      operationId: 'order',
      callbacks: { made: { '{$request.body#/url}': { post: {
        requestBody: { content: { 'application/json': { schema: { type: 'object', required: ['id'], properties: { id: { type: 'integer' } } } } } },
        responses: { 200: { description: 'Ok' } },
      } } } },
      responses: { 202: { description: 'Later' } },
    } } },
  }
  const waiting = []
  const context = { waitUntil: (promise) => waiting.push(promise) }
  const handle = withCallbacks(() => new Response(null, { status: 202 }), {
    description,
    handlers: { order: { made: { body: 'example' } } },
    fire: ({ url, body }) => console.log(url, new TextDecoder().decode(body)),
    onError: ({ message }) => console.log(message),
    onStart() {},
  })
  await handle.ready
  const body = JSON.stringify({ url: 'https://hooks.example.com/' })
  const headers = { 'content-type': 'application/json' }
  const { status } = await handle(new Request('http://localhost/orders', { method: 'POST', headers, body }), {}, context)
  console.log(status)
  await Promise.all(waiting)
`

test('a module without an address, in a runtime where text may not become code, as a worker is', async () => {
  script = await buildScript(program, { define: { 'import.meta.url': 'undefined' } })
  const { stdout, stderr } = await script.run([], { NODE_OPTIONS: '--disallow-code-generation-from-strings' }).ended
  expect(stderr).toBe('')
  expect(stdout).toBe('202\nhttps://hooks.example.com/ {"id":0}\n')
})
