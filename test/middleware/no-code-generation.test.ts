import { afterAll, expect, test } from 'vitest'
import { buildScript, type Script, sourceFile } from '../support/child.ts'

let script: Script | undefined
afterAll(() => script?.remove())

/** What workers and strict policies forbid, Node forbids with a flag. */
const program = `
  import { once } from 'node:events'
  import { createServer } from 'node:http'
  import { nodeCallbacks } from ${sourceFile('middleware/node.ts')}
  const shipped = (schema, more) => ({
    '{$request.body#/url}': { post: { requestBody: { content: { 'application/json': { schema, ...more } } }, responses: { 200: { description: 'Ok' } } } },
  })
  const schema = { type: 'object', required: ['id', 'state'], properties: { id: { type: 'string', format: 'uuid' }, state: { enum: ['sent'] } } }
  const description = {
    openapi: '3.1.0',
    info: { title: 'Orders', version: '1' },
    paths: { '/orders': { post: {
      operationId: 'order',
      callbacks: { made: shipped(schema), named: shipped(schema, { example: { id: 'e', state: 'sent' } }), own: shipped(schema) },
      responses: { 201: { description: 'Made' } },
    } } },
  }
  const fired = []
  const told = []
  const all = new Promise((resolve) => {
    const listener = nodeCallbacks((request, response) => request.resume().on('end', () => response.writeHead(201).end()), {
      description,
      handlers: { order: { made: { body: 'example' }, named: { body: 'example' }, own: () => ({ body: { anything: true } }) } },
      fire: ({ metadata, body }) => { if (fired.push([metadata.callback, JSON.parse(Buffer.from(body))]) === 3) resolve() },
      onError: ({ message }) => { told.push(message); resolve() },
      onStart: ({ text }) => told.push(text.split('\\n').filter((line) => line.includes('not validated')).join()),
    })
    const server = createServer(listener).listen(0, '127.0.0.1', async () => {
      const { port } = server.address()
      await fetch('http://127.0.0.1:' + port + '/orders', {
        method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"url":"https://hooks.example.com/"}',
      })
    })
  })
  await all
  console.log(JSON.stringify({ fired: fired.sort(), told }))
  process.exit()
`

test('where text may not become code, examples are made and bodies are sent, unchecked', async () => {
  script = await buildScript(program)
  const { stdout, stderr } = await script.run([], { NODE_OPTIONS: '--disallow-code-generation-from-strings' }).ended
  expect(stderr).toBe('')
  expect(JSON.parse(stdout)).toEqual({
    fired: [
      ['made', { id: expect.stringMatching(/^[0-9a-f-]{36}$/), state: 'sent' }],
      ['named', { id: 'e', state: 'sent' }],
      ['own', { anything: true }],
    ],
    told: [expect.stringContaining('bodies are not validated')],
  })
})
