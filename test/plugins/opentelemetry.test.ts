import * as api from '@opentelemetry/api'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { type Attempt, retrySchedule } from 'ringback/dispatcher'
import { openTelemetry } from 'ringback/opentelemetry'
import { createTestDispatcher, type TestDispatcher, type TestDispatcherOptions } from 'ringback/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { callbackRequest } from '../dispatcher/support.ts'

const url = 'https://client.example/cb?token=secret#f'
const metadata = { operationId: 'createStream', callback: 'onData' }

/** What `trace.getActiveSpan()` finds, without a context manager of Node. */
let active: api.Span | undefined
const contexts: api.ContextManager = {
  active: () => (active === undefined ? api.ROOT_CONTEXT : api.trace.setSpan(api.ROOT_CONTEXT, active)),
  with: (_context, run, self, ...args) => run.call(self as never, ...args),
  bind: (_context, target) => target,
  enable() {
    return this
  },
  disable() {
    return this
  },
}
beforeAll(() => void api.context.setGlobalContextManager(contexts))
afterAll(() => api.context.disable())

interface Observed {
  readonly dispatcher: TestDispatcher
  readonly spans: () => readonly ReadableSpan[]
  readonly measured: () => Promise<Readonly<Record<string, readonly (readonly [labels: object, value: unknown])[]>>>
  readonly tracer: api.Tracer
  readonly stop: () => void
}

async function observed(
  options: TestDispatcherOptions,
  propagate = false,
  run: (observed: Observed) => Promise<void>,
): Promise<void> {
  const exporter = new InMemorySpanExporter()
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
  const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 3_600_000 })
  const meterProvider = new MeterProvider({ readers: [reader] })
  const telemetry = openTelemetry(api, { tracerProvider, meterProvider, propagate })
  await using made = createTestDispatcher({ retry: retrySchedule([0, '5s']), ...options })
  const dispatcher = telemetry.dispatcher(made)
  await run({
    dispatcher,
    tracer: tracerProvider.getTracer('test'),
    stop: () => telemetry.stop(),
    spans: () => exporter.getFinishedSpans().filter(({ instrumentationScope }) => instrumentationScope.name === 'ringback'),
    async measured() {
      metrics.reset()
      await reader.forceFlush()
      const all = metrics.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((one) => one.metrics))
      return Object.fromEntries(
        all.map(({ descriptor, dataPoints }) => [
          descriptor.name,
          dataPoints.map(({ attributes, value }) => [attributes, value] as const),
        ]),
      )
    },
  })
  telemetry.stop()
  await meterProvider.shutdown()
}

describe('spans', () => {
  test('one for each attempt, linked to the exchange and not its child; nothing secret in it', () =>
    observed({ respond: [{ status: 503, delay: '2s' }, 204] }, false, async ({ dispatcher, spans, tracer }) => {
      const exchange = tracer.startSpan('POST /streams')
      active = exchange
      await dispatcher.enqueue(callbackRequest('a', url), { metadata })
      active = undefined
      await dispatcher.runUntilIdle()

      expect(spans().map(({ name, kind, status }) => [name, kind, status.code])).toEqual([
        ['POST onData', api.SpanKind.CLIENT, api.SpanStatusCode.ERROR],
        ['POST onData', api.SpanKind.CLIENT, api.SpanStatusCode.UNSET],
      ])
      const { traceId, spanId } = exchange.spanContext()
      for (const span of spans()) {
        expect(span.links).toMatchObject([{ context: { traceId, spanId, isRemote: true } }])
        expect(span.parentSpanContext).toBeUndefined()
        expect(span.spanContext().traceId).not.toBe(traceId)
      }
      expect(spans()[0]?.attributes).toMatchObject({
        'http.request.method': 'POST',
        'http.response.status_code': 503,
        'error.type': '503',
        'url.full': 'https://client.example/cb?REDACTED',
        'server.address': 'client.example',
        'server.port': 443,
        'ringback.operation': 'createStream',
        'ringback.callback': 'onData',
        'ringback.delivery.id': 'a',
      })
      expect(spans()[1]?.attributes).toMatchObject({ 'http.request.resend_count': 1, 'http.response.status_code': 204 })
      expect(spans()[0]?.duration).toEqual([2, 0])
      expect(spans()[0]?.events).toMatchObject([{ name: 'first byte' }])
      expect(JSON.stringify(spans().map(({ attributes }) => attributes))).not.toMatch(/secret|#f/)
      expect(dispatcher.sent[0]?.headers).not.toHaveProperty('traceparent')
      expect((await dispatcher.get('a'))?.delivery.metadata).toMatchObject({
        callback: 'onData',
        traceparent: `00-${traceId}-${spanId}-01`,
      })
    }))

  test.each([true, false])('enqueueAll is linked as well (propagate: %s)', (propagate) =>
    observed({}, propagate, async ({ dispatcher, spans, tracer }) => {
      const exchange = tracer.startSpan('POST /streams')
      active = exchange
      await dispatcher.enqueueAll([callbackRequest('a', url), callbackRequest('b', url)])
      active = undefined
      await dispatcher.enqueueAll([callbackRequest('c', url)])
      await dispatcher.runUntilIdle()
      const { traceId, spanId } = exchange.spanContext()
      const links = spans().map((span) => [
        span.attributes['ringback.delivery.id'],
        span.links.map(({ context }) => context.spanId),
      ])
      expect(links.toSorted()).toEqual([
        ['a', [spanId]],
        ['b', [spanId]],
        ['c', []],
      ])
      const traceparent = propagate ? `00-${traceId}-${spanId}-01` : undefined
      const sent = Object.fromEntries(dispatcher.sent.map(({ headers }) => [headers['webhook-id'], headers.traceparent]))
      expect(sent).toEqual({ a: traceparent, b: traceparent, c: undefined })
    }),
  )

  test('names, connections and TLS are events, each when it was there', () => {
    const timings: Attempt['timings'] = { dns: 10, connect: 20, tls: 30, firstByte: 100, total: 120 }
    const transport = {
      send: async () =>
        ({
          outcome: { kind: 'response', status: 200, headers: {}, body: new Uint8Array(0), completeness: 'complete' },
          phase: 'body',
          sent: 'yes',
          reusedConnection: false,
          remoteAddress: '203.0.113.7',
          timings,
        }) as const,
      close: async () => {},
    }
    return observed({ transport }, false, async ({ dispatcher, spans }) => {
      await dispatcher.enqueue(callbackRequest('a', 'https://user@client.example:8443/cb'))
      const at = dispatcher.clock.now()
      await dispatcher.runUntilIdle()
      const ms = ([seconds, nanos]: api.HrTime): number => seconds * 1000 + nanos / 1e6 - at
      expect(spans()[0]?.events.map(({ name, time }) => [name, ms(time)])).toEqual([
        ['dns', 10],
        ['connect', 30],
        ['tls', 60],
        ['first byte', 100],
      ])
      expect(spans()[0]).toMatchObject({
        name: 'POST callback',
        links: [],
        attributes: { 'url.full': 'https://client.example:8443/cb', 'server.port': 8443, 'network.peer.address': '203.0.113.7' },
      })
    })
  })

  test('outward the trace goes only where it is asked for', () =>
    observed({}, true, async ({ dispatcher, tracer }) => {
      active = tracer.startSpan('exchange')
      await dispatcher.enqueue(callbackRequest('a', url))
      const { traceId, spanId } = active.spanContext()
      active = undefined
      await dispatcher.runUntilIdle()
      expect(dispatcher.sent[0]?.headers.traceparent).toBe(`00-${traceId}-${spanId}-01`)
    }))

  test.each(['', 'x', `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`, 7])(
    'a traceparent that is none (%j) links to nothing',
    (traceparent) =>
      observed({}, false, async ({ dispatcher, spans }) => {
        await dispatcher.enqueue(callbackRequest('a', url), { metadata: { traceparent } })
        await dispatcher.runUntilIdle()
        expect(spans()[0]?.links).toEqual([])
      }),
  )

  test('after stop there are no more', () =>
    observed({}, false, async ({ dispatcher, spans, stop }) => {
      stop()
      await dispatcher.enqueue(callbackRequest('a', url))
      await dispatcher.runUntilIdle()
      expect(spans()).toEqual([])
    }))
})

describe('metrics', () => {
  test('by outcome, status class, phase and rule; labels are names, never URLs', () =>
    observed(
      { respond: ({ id }) => (id === 'a' ? 204 : id === 'b' ? 404 : { failure: 'dns' }) },
      false,
      async ({ dispatcher, measured }) => {
        for (const id of ['a', 'b', 'c']) await dispatcher.enqueue(callbackRequest(id, url), { metadata })
        await dispatcher.enqueue(callbackRequest('d', 'http://169.254.169.254/'), { metadata })
        await dispatcher.enqueue(callbackRequest('waits', url), { delayMs: 1e9 })
        await dispatcher.advance('1h')
        const labels = { operation: 'createStream', callback: 'onData' }
        const all = await measured()
        expect(all['ringback.deliveries']).toEqual(
          expect.arrayContaining([
            [{ ...labels, outcome: 'delivered' }, 1],
            [{ ...labels, outcome: 'dead', reason: 'exhausted' }, 2],
            [{ ...labels, outcome: 'dead', reason: 'refused' }, 1],
          ]),
        )
        expect(all['ringback.attempts']).toEqual(
          expect.arrayContaining([
            [{ ...labels, status_class: '2xx', phase: 'body' }, 1],
            [{ ...labels, status_class: '4xx', phase: 'body' }, 2],
            [{ ...labels, status_class: 'failed', phase: 'dns' }, 2],
            [{ ...labels, status_class: 'refused', phase: 'policy' }, 1],
          ]),
        )
        expect(all['ringback.refusals']).toEqual([[{ rule: 'special-v4' }, 1]])
        expect(all['ringback.attempt.duration']).toHaveLength(4)
        expect(all['ringback.queue.depth']).toEqual(
          expect.arrayContaining([
            [{ state: 'pending' }, 1],
            [{ state: 'dead' }, 3],
            [{ state: 'delivered' }, 1],
          ]),
        )
        expect(JSON.stringify(all)).not.toContain('client.example')
      },
    ))

  test('the age of the oldest due delivery, and origins that are left alone', () =>
    observed({ respond: 500, started: false, retry: retrySchedule([0, '10m']) }, false, async ({ dispatcher, measured }) => {
      for (let n = 0; n < 12; n++) await dispatcher.enqueue(callbackRequest(`d${n}`, url))
      // It is due since the start of the test's clock, on the clock of the machine.
      const [[, age] = []] = (await measured())['ringback.queue.oldest_due'] ?? []
      expect(age).toBeGreaterThan(0)
      await dispatcher.runDue()
      expect((await measured())['ringback.breakers.open']).toEqual([[{}, 1]])
    }))
})
