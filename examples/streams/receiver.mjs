// The subscriber of the example: a callback endpoint of its own, in a process of its own. It prints each call as a line of JSON.
import { createReceiver } from 'ringback/receiver'

/** @param {string} event @param {object} data */
const tell = (event, data) => console.log(JSON.stringify({ event, ...data }))

const receiver = createReceiver({
  baseUrl: 'http://127.0.0.1:0',
  onEvent: ({ type, detail }) => type === 'rejected' && tell(type, { detail }),
})
await receiver.listen()
const endpoint = await receiver.create({ subPaths: true, slots: 100, respond: { status: 204 } })
// The first call is turned away, as by a service that is being deployed.
endpoint.respondNext({ status: 503 }, { times: 1 })
tell('listening', { pid: process.pid, url: endpoint.url })

// Completed, it takes no further call, and the loop below ends.
process.on('SIGTERM', () => endpoint.complete())

for await (const call of endpoint) {
  tell('call', {
    id: call.headers.get('webhook-id'),
    signed: call.headers.has('webhook-signature'),
    path: call.subPath,
    query: call.query.toString(),
    body: call.body,
  })
}
await receiver[Symbol.asyncDispose]()
