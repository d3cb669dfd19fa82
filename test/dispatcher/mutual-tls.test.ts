import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import {
  type Credential,
  type CredentialsFor,
  createDispatcher,
  createTransport,
  type Dispatcher,
  publicInternet,
  type Transport,
} from 'ringback/dispatcher'
import { afterEach, describe, expect, test } from 'vitest'
import { callbackRequest, fakeTransport } from './support.ts'

const pem = (name: string): string => readFileSync(new URL(`../fixtures/tls/${name}.pem`, import.meta.url), 'utf8')
const clients = {
  a: { cert: pem('client-a'), key: pem('client-a-key') },
  b: { cert: pem('client-b'), key: pem('client-b-key'), passphrase: 'open' },
}
const identities: Readonly<Record<string, Credential>> = {
  ...clients,
  'a-bytes': { cert: Buffer.from(clients.a.cert), key: new Uint8Array(Buffer.from(clients.a.key)) },
  mixed: { cert: clients.a.cert, key: clients.b.key, passphrase: 'open' },
  locked: { ...clients.b, passphrase: 'wrong' },
  garbage: { cert: 'no', key: 'no' },
  text: 'a token',
}

const cleanUp: (() => unknown)[] = []
afterEach(async () => {
  for (const clean of cleanUp.splice(0).reverse()) await clean()
})

interface Seen {
  /** The name in the certificate that was shown. */
  readonly client: string | undefined
  readonly path: string
  readonly connection: number
}

async function server(): Promise<{ readonly port: number; readonly seen: Seen[] }> {
  const seen: Seen[] = []
  const connections = new Map<object, number>()
  const options = { cert: pem('certificate'), key: pem('key'), ca: [clients.a.cert, clients.b.cert], requestCert: true }
  const one: Server = createServer({ ...options, rejectUnauthorized: false }, (request, response) => {
    const socket = request.socket as TLSSocket
    if (!connections.has(socket)) connections.set(socket, connections.size)
    // Node also shows the certificate of a resumed session.
    const client = socket.authorized ? String(socket.getPeerCertificate().subject.CN) : undefined
    seen.push({ client, path: request.url ?? '', connection: connections.get(socket) ?? -1 })
    response.writeHead(client === undefined ? 401 : 204).end()
  })
  await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve))
  cleanUp.push(
    () => one.close(),
    () => one.closeAllConnections(),
  )
  return { port: (one.address() as AddressInfo).port, seen }
}

function realTransport(): Transport {
  const transport = createTransport({
    policy: publicInternet({ devLoopback: true }),
    resolver: async () => ['127.0.0.1'],
    tls: { ca: pem('certificate') },
  })
  cleanUp.push(() => transport.close())
  return transport
}

function dispatcherWith(transport: Transport, credentials: CredentialsFor = (name) => identities[name] ?? 'none'): Dispatcher {
  const dispatcher = createDispatcher({ transport, credentials })
  cleanUp.push(() => dispatcher.stop({ drainMs: 0 }))
  return dispatcher
}

const requestFor = (id: string, port: number, ...names: string[]) =>
  callbackRequest(id, `https://hooks.example.com:${port}/${id}`, {
    metadata: { credentials: names.map((name) => ({ name, kind: 'mutualTLS' })) },
  })

describe('mutual TLS', () => {
  test('the certificate of each is shown, and no connection serves two', async () => {
    const { port, seen } = await server()
    const dispatcher = dispatcherWith(realTransport())
    const names = ['a', 'b', 'a', undefined, 'b', 'a-bytes']
    for (const [i, name] of names.entries()) {
      await dispatcher.enqueue(requestFor(`d${i}`, port, ...(name === undefined ? [] : [name])))
      await dispatcher.runDue()
    }
    expect(seen.map(({ client }) => client)).toEqual(['client-a', 'client-b', 'client-a', undefined, 'client-b', 'client-a'])
    // Used again, each by its own.
    const connections = new Map(seen.map(({ client, connection }) => [client, connection]))
    expect(connections.size).toBe(3)
    expect(new Set(seen.map(({ connection }) => connection)).size).toBe(3)
    expect((await dispatcher.get('d0'))?.delivery.state).toBe('delivered')
    expect((await dispatcher.get('d3'))?.delivery.state).toBe('pending')
  })

  // An identity that OpenSSL does not take is trouble of ours; an answer that is none ends with the schedule.
  const NOT_SENT: [name: string, attempts: number][] = [
    ['mixed', 0],
    ['locked', 0],
    ['garbage', 0],
    ['text', 1],
    ['unknown', 1],
  ]
  test.each(NOT_SENT)('%s: nothing is sent, %i attempts are used up, and the key is told to nobody', async (name, attempts) => {
    const { port, seen } = await server()
    const dispatcher = dispatcherWith(realTransport())
    const ends: unknown[] = []
    dispatcher.on('attempt:end', ({ attempt, recorded }) => ends.push({ outcome: attempt.outcome, sent: attempt.sent, recorded }))
    await dispatcher.enqueue(requestFor('x', port, name))
    await dispatcher.runDue()
    expect(ends).toMatchObject([{ recorded: attempts > 0, sent: 'no', outcome: { kind: 'failed', cause: 'local' } }])
    expect(JSON.stringify(ends)).not.toMatch(/BEGIN|PRIVATE|a token/)
    expect((await dispatcher.get('x'))?.delivery).toMatchObject({ state: 'pending', attempts })
    expect(seen).toEqual([])
  })

  test('a 401 asks for a fresh one, once', async () => {
    const { port, seen } = await server()
    const asked: boolean[] = []
    // A certificate that this server does not know: its own.
    const stale = { cert: pem('certificate'), key: pem('key') }
    const dispatcher = dispatcherWith(realTransport(), (_name, { refresh }) => {
      asked.push(refresh)
      return refresh ? clients.a : stale
    })
    await dispatcher.enqueue(requestFor('x', port, 'a'))
    await dispatcher.runDue()
    expect([asked, seen.map(({ client }) => client)]).toEqual([
      [false, true],
      [undefined, 'client-a'],
    ])
    expect((await dispatcher.get('x'))?.delivery.state).toBe('delivered')
  })

  test('two certificates for one request, and plain http, are refused', async () => {
    const transport = fakeTransport()
    const dispatcher = dispatcherWith(transport)
    await dispatcher.enqueue(requestFor('two', 443, 'a', 'b'))
    await dispatcher.enqueue({ ...requestFor('plain', 80, 'a'), url: 'http://hooks.example.com/' })
    await dispatcher.runDue()
    for (const id of ['two', 'plain'])
      expect((await dispatcher.get(id))?.delivery).toMatchObject({ state: 'dead', reason: 'refused' })
    expect(transport.sent).toEqual([])
  })

  test('a redirect to another origin is not followed with it', async () => {
    const transport = fakeTransport(() => ({
      outcome: {
        kind: 'response',
        status: 307,
        headers: { location: 'https://elsewhere.example/' },
        body: new Uint8Array(),
        completeness: 'complete',
      },
      phase: 'response',
      sent: 'yes',
      reusedConnection: false,
      timings: { total: 1 },
    }))
    const dispatcher = createDispatcher({ transport, profile: '3gpp', credentials: () => clients.a })
    await dispatcher.enqueue(requestFor('x', 443, 'a'))
    await dispatcher.runDue()
    expect(transport.sent).toHaveLength(1)
    await dispatcher.stop({ drainMs: 0 })
  })

  test('with very many identities the oldest is closed, and what it had under way ends well', async () => {
    const { port, seen } = await server()
    const transport = realTransport()
    const { url } = requestFor('x', port)
    const send = (passphrase: string) =>
      transport.send({ method: 'GET', url, headers: {} }, { identity: { ...clients.a, passphrase } })
    const reports = await Promise.all(Array.from({ length: 70 }, (_, i) => send(`p${i}`)))
    expect(reports.map(({ outcome }) => outcome.kind === 'response' && outcome.status)).toEqual(Array(70).fill(204))
    expect(new Set(seen.map(({ connection }) => connection)).size).toBe(70)
  })
})
