import type { Harness } from './app.ts'
import { express4Harness, express5Harness } from './express-app.ts'
import { fastifyHarness } from './fastify-app.ts'
import { fetchHarness, honoFetchHarness, honoHarness } from './fetch-app.ts'
import { koaHarness } from './koa-app.ts'
import { nodeHarness } from './node-app.ts'

/** Every adapter. */
export const harnesses: readonly Harness[] = [
  ...[nodeHarness, express5Harness, express4Harness, fastifyHarness, koaHarness, honoHarness],
  ...[honoFetchHarness, fetchHarness],
]
