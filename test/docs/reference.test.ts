import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { referencePage, type Section } from './reference-page.ts'

const opening = `
# Options

What each factory takes, with its defaults. The tables are made of the types and their comments, which editors show too, by
\`npx vitest run test/docs/reference.test.ts -u\`; a test fails when they are older than the types. What things are for is told by the
other pages.
`

const SECTIONS: readonly Section[] = [
  {
    title: 'Delivering',
    text: `
\`\`\`js
import { createDispatcher, publicInternet, retrySchedule, sqliteStore } from 'ringback/dispatcher'

const dispatcher = createDispatcher({
  store: sqliteStore({ path: 'deliveries.sqlite' }),
  policy: publicInternet({ httpsOnly: true }),
  // The wait before each attempt: four of them, the first at once.
  retry: retrySchedule([0, '5s', '30m', '1d'], { jitter: 0.1 }),
  // An origin is left alone for a minute when half of at least 20 attempts within five minutes have failed.
  breaker: { minAttempts: 20, failureShare: 0.5, openMs: 60_000 },
  concurrency: 32,
  retention: { deliveredMs: 86_400_000 },
})
dispatcher.start()

// Held until somebody says otherwise; due an hour from now; given up.
await dispatcher.hold('order-7-shipped')
await dispatcher.resume('order-7-shipped')
await dispatcher.reschedule(['order-7-shipped'], 3_600_000)
await dispatcher.cancel('order-7-shipped')
await dispatcher.stop({ drainMs: 5_000 })
\`\`\`

\`standardSchedule\` (durable stores) is \`[0, '5s', '5m', '30m', '2h', '5h', '10h', '14h', '20h', '24h']\`, \`shortSchedule\` (memory) \`[0, '1s', '5s']\`.`,
    tables: [
      ['createDispatcher(options)', 'dispatcher/dispatcher-options.ts', 'DispatcherOptions'],
      ['breaker', 'dispatcher/breaker.ts', 'BreakerOptions'],
      ['intent', 'dispatcher/intent-check.ts', 'IntentOptions'],
      ['claimCheck', 'dispatcher/claim-check/call-by-claim.ts', 'ClaimCheckOptions'],
      ['The dispatcher', 'dispatcher/dispatcher.ts', 'Dispatcher'],
      ['dispatcher.on(event, listener)', 'dispatcher/events.ts', 'DispatcherEvents'],
      ['A request', 'http/callback-request.ts', 'CallbackRequest'],
      ['enqueue(request, options)', 'dispatcher/new-delivery.ts', 'EnqueueOptions'],
      ['dispatcher.destinations', 'dispatcher/destinations.ts', 'Destinations'],
      ['destinations.create(destination)', 'dispatcher/destinations.ts', 'NewDestination'],
      ['destinations.rotateSecret(id, options)', 'dispatcher/destinations.ts', 'RotateOptions'],
      ['publicInternet(options)', 'outbound/url-policy.ts', 'PublicInternetOptions'],
      ['createTransport(options)', 'outbound/transport.ts', 'TransportOptions'],
      ['standardWebhooks(options)', 'signature/standard-webhooks.ts', 'StandardWebhooksOptions'],
      ['httpMessageSignatures(options)', 'signature/message-signatures.ts', 'MessageSignaturesOptions'],
      ['xHubSignature(options)', 'signature/x-hub-signature.ts', 'XHubSignatureOptions'],
      ['memoryStore(options)', 'dispatcher/memory-store.ts', 'MemoryStoreOptions'],
      ['sqliteStore(options)', 'dispatcher/sql/sqlite-store.ts', 'SqliteStoreOptions'],
      ['postgresStore(options)', 'dispatcher/sql/postgres-store.ts', 'PostgresStoreOptions'],
      ['createClaimDesk(options)', 'dispatcher/claim-check/claim-desk.ts', 'ClaimDeskOptions'],
    ],
  },
  {
    title: 'Middleware',
    tables: [
      ['expressCallbacks(options) and the others', 'middleware/options.ts', 'CallbackOptions'],
      ['request.callbacks', 'middleware/request-callbacks.ts', 'RequestCallbacks'],
      ['What is sent', 'middleware/handler.ts', 'CallbackContent'],
      ['What every middleware has', 'middleware/scope.ts', 'Callbacks'],
      ['callbacks.fire(target, content, options)', 'middleware/scope.ts', 'FireOptions'],
    ],
  },
  {
    title: 'Planning',
    tables: [
      ['readDescription(source, options)', 'loading/read-description.ts', 'ReadOptions'],
      ['resolveCallbacks(description, operation, exchange, options)', 'callback/resolve-options.ts', 'ResolveOptions'],
      ['buildCallbackRequest(target, options)', 'callback/build-request.ts', 'RequestOptions'],
    ],
  },
  {
    title: 'Receiving',
    text: 'A `Duration` is milliseconds, or a text such as `250ms`, `5s`, `30m`, `12h`, `1d`.',
    tables: [
      ['createReceiver(options)', 'receiver/options.ts', 'ReceiverOptions'],
      ['limits', 'receiver/options.ts', 'Limits'],
      ['The receiver', 'receiver/callback-receiver.ts', 'Receiver'],
      ['receiver.create(options)', 'receiver/create-options.ts', 'CreateOptions'],
      ['An endpoint', 'receiver/callback-endpoint.ts', 'CallbackEndpoint'],
      ['endpoint.next(options), endpoint.take(n, options)', 'receiver/callback-endpoint.ts', 'WaitOptions'],
      ['waitWithRetry(endpoint, options)', 'receiver/wait-with-retry.ts', 'RetryOptions'],
    ],
  },
  {
    title: 'Testing',
    tables: [
      ['createTestDispatcher(options)', 'testing/test-dispatcher.ts', 'TestDispatcherOptions'],
      ['expectCallback(receiver, options)', 'testing/expect-callback.ts', 'ExpectedCallback'],
    ],
  },
]

test('the page of options says what the types say', async () => {
  const page = fileURLToPath(new URL('../../docs/reference.md', import.meta.url))
  await expect(referencePage(opening, SECTIONS)).toMatchFileSnapshot(page)
})
