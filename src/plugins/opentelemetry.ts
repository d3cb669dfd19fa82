import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type * as OpenTelemetryApi from '@opentelemetry/api'
import type { Attempt, CallbackRequest, Delivery, Dispatcher, DispatcherEvents } from '../dispatcher/index.ts'
import { callbackAttributes, spanAttributes, spanEvents, statusClass } from './span-attributes.ts'

export interface TelemetryOptions {
  /** Default: the global one. */
  readonly tracerProvider?: OpenTelemetryApi.TracerProvider
  /** Default: the global one. */
  readonly meterProvider?: OpenTelemetryApi.MeterProvider
  /**
   * Sends the `traceparent` of the exchange to whoever is called back. Default: false, since it is somebody else's business what
   * our traces are called.
   */
  readonly propagate?: boolean
}

export interface Telemetry {
  /**
   * The same dispatcher; what is enqueued through it remembers the trace that is active then, in `metadata.traceparent`, and its queue is
   * measured.
   */
  dispatcher<D extends Dispatcher>(dispatcher: D): D
  /** Ends it: no more spans, no more measurements. */
  stop(): void
}

type Events = DispatcherEvents
type Handlers = { readonly [E in keyof Events]?: (payload: Events[E]) => void }

const scope = 'ringback'

/**
 * Spans and metrics from what every dispatcher of this process tells on `node:diagnostics_channel`. `api` is `@opentelemetry/api`:
 * `import * as api from '@opentelemetry/api'`.
 */
export function openTelemetry(api: typeof OpenTelemetryApi, options: TelemetryOptions = {}): Telemetry {
  const tracer = (options.tracerProvider ?? api.trace).getTracer(scope)
  const meter = (options.meterProvider ?? api.metrics).getMeter(scope)
  const deliveries = meter.createCounter('ringback.deliveries', { description: 'Deliveries that ended, by outcome.' })
  const attempts = meter.createCounter('ringback.attempts', { description: 'Attempts, by status class and phase reached.' })
  const duration = meter.createHistogram('ringback.attempt.duration', { unit: 's', description: 'How long attempts take.' })
  const refusals = meter.createCounter('ringback.refusals', { description: 'Requests that the URL policy refused, by rule.' })
  const storeErrors = meter.createCounter('ringback.store.errors', { description: 'Calls of the store that failed.' })
  const depth = meter.createObservableGauge('ringback.queue.depth', { description: 'Deliveries in the store, by state.' })
  const age = meter.createObservableGauge('ringback.queue.oldest_due', {
    unit: 's',
    description: 'For how long the oldest due delivery has been due.',
  })
  const open = meter.createObservableGauge('ringback.breakers.open', { description: 'Origins that are left alone for a while.' })
  const openOrigins = new Set<string>()
  const stops: (() => void)[] = []

  const record = ({ delivery, attempt }: { readonly delivery: Delivery; readonly attempt: Attempt }): void => {
    const link = linkOf(api, delivery.metadata.traceparent)
    const span = tracer.startSpan(
      `${delivery.request.method} ${String(delivery.metadata.callback ?? 'callback')}`,
      {
        kind: api.SpanKind.CLIENT,
        root: true,
        startTime: attempt.startedAt,
        attributes: spanAttributes(delivery, attempt),
        links: link === undefined ? [] : [{ context: link }],
      },
      api.ROOT_CONTEXT,
    )
    for (const { name, at } of spanEvents(attempt)) span.addEvent(name, at)
    const { outcome } = attempt
    const isFine = outcome.kind === 'response' && outcome.status >= 200 && outcome.status < 300
    if (!isFine) span.setStatus({ code: api.SpanStatusCode.ERROR })
    span.end(attempt.startedAt + attempt.timings.total)
    const labels = { ...callbackAttributes(delivery), status_class: statusClass(outcome), phase: attempt.phase }
    attempts.add(1, labels)
    duration.record(attempt.timings.total / 1000, labels)
    if (outcome.kind === 'refused') refusals.add(1, { rule: outcome.rule })
  }

  const handlers: Handlers = {
    'attempt:end': record,
    delivered: ({ delivery }) => deliveries.add(1, { ...callbackAttributes(delivery), outcome: 'delivered' }),
    dead: ({ delivery }) =>
      deliveries.add(1, { ...callbackAttributes(delivery), outcome: 'dead', reason: delivery.reason ?? '' }),
    breaker({ origin, state }) {
      if (state.kind === 'open') openOrigins.add(origin)
      else openOrigins.delete(origin)
    },
    'store:error': ({ operation }) => storeErrors.add(1, { operation }),
  }
  for (const [event, handle] of Object.entries(handlers)) {
    const listener = (payload: unknown): void => handle(payload as never)
    subscribe(`ringback:${event}`, listener)
    stops.push(() => unsubscribe(`ringback:${event}`, listener))
  }
  const observeOpen = (result: OpenTelemetryApi.ObservableResult): void => result.observe(openOrigins.size)
  open.addCallback(observeOpen)
  stops.push(() => open.removeCallback(observeOpen))

  return {
    dispatcher(dispatcher) {
      const observe = async (result: OpenTelemetryApi.BatchObservableResult): Promise<void> => {
        const { counts, oldestDueAt } = await dispatcher.stats()
        for (const [state, count] of Object.entries(counts)) result.observe(depth, count, { state })
        result.observe(age, oldestDueAt === undefined ? 0 : Math.max(0, Date.now() - oldestDueAt) / 1000)
      }
      meter.addBatchObservableCallback(observe, [depth, age])
      stops.push(() => meter.removeBatchObservableCallback(observe, [depth, age]))
      const told = (request: CallbackRequest, traceparent: string): CallbackRequest =>
        options.propagate === true ? { ...request, headers: { ...request.headers, traceparent } } : request
      return {
        ...dispatcher,
        enqueue(request, enqueueOptions) {
          const traceparent = traceparentOf(api.trace.getActiveSpan()?.spanContext())
          if (traceparent === undefined) return dispatcher.enqueue(request, enqueueOptions)
          const metadata = { traceparent, ...enqueueOptions?.metadata }
          return dispatcher.enqueue(told(request, traceparent), { ...enqueueOptions, metadata })
        },
        enqueueAll(requests, enqueueOptions) {
          const traceparent = traceparentOf(api.trace.getActiveSpan()?.spanContext())
          if (traceparent === undefined) return dispatcher.enqueueAll(requests, enqueueOptions)
          const metadata = { traceparent, ...enqueueOptions?.metadata }
          const all = requests.map((request) => told(request, traceparent))
          return dispatcher.enqueueAll(all, { ...enqueueOptions, metadata })
        },
      }
    },
    stop() {
      for (const stop of stops.splice(0)) stop()
    },
  }
}

/** W3C Trace Context, 3.2. */
function traceparentOf(context: OpenTelemetryApi.SpanContext | undefined): string | undefined {
  if (context === undefined) return undefined
  return `00-${context.traceId}-${context.spanId}-${context.traceFlags.toString(16).padStart(2, '0')}`
}

function linkOf(api: typeof OpenTelemetryApi, traceparent: unknown): OpenTelemetryApi.SpanContext | undefined {
  const match =
    typeof traceparent === 'string' ? /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})/.exec(traceparent) : null
  if (match === null) return undefined
  const [, traceId = '', spanId = '', flags = '00'] = match
  const context = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true }
  return api.isSpanContextValid(context) ? context : undefined
}
