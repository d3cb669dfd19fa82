import { textOf, utf8 } from '../util/index.ts'
import { type Answer, answerOf, decodeAnswer, encodeAnswer } from './answer.ts'
import { type AuthStrategy, checkAuth, type InboundAuth, strategyOf } from './auth/index.ts'
import type { Call, Reply } from './call.ts'
import type { Contract } from './contract/index.ts'
import type { ClaimCheck, CreateOptions } from './create-options.ts'
import { type DedupePolicy, defaultDedupe } from './dedupe.ts'
import { milliseconds } from './duration.ts'
import { checkNested } from './nested-options.ts'
import type { Profile } from './profile.ts'
import {
  type BodyCheck,
  isStandardSchema,
  jsonSchemaCheck,
  jsonSchemaOf,
  type StandardSchema,
  standardSchemaCheck,
} from './schema.ts'

/** What an endpoint asks of requests and says to them, ready for use. */
export interface Settings {
  /** Keys the digests of bodies and of dedupe keys. */
  readonly digestKey: Uint8Array
  /** `undefined`: any. */
  readonly contentTypes: readonly string[] | undefined
  readonly retryAfterMs: number
  readonly acceptEncoded: boolean
  readonly subPaths: boolean
  readonly dedupe: DedupePolicy | false
  readonly auth: readonly AuthStrategy[]
  readonly check: BodyCheck | undefined
  /** What a description says; where there is one, it says which paths there are behind the URL. */
  readonly contract: Contract | undefined
  /** `undefined`: the profile's. */
  readonly respond: Answer | 'manual' | ((call: Call) => Reply | Promise<Reply>) | undefined
  readonly claimCheck: ClaimCheck | undefined
  readonly confirm: ((page: { readonly action: string }) => string) | undefined
  readonly cloudEvents: true | readonly string[] | undefined
  readonly metadata: Readonly<Record<string, string>>
}

/** The part that a store can keep. `live` names the parts that are functions, and live in the process that made them. */
interface StoredSettings {
  /** In base64. */
  readonly digestKey: string
  readonly contentTypes?: readonly string[]
  readonly retryAfterMs: number
  readonly acceptEncoded?: true
  readonly subPaths: boolean
  readonly dedupe: readonly string[] | false
  readonly auth: readonly InboundAuth[]
  readonly schema?: unknown
  /** An answer as `encodeAnswer` writes it, with its delay; or `manual`. */
  readonly respond?: 'manual' | { readonly text: string; readonly delayMs?: number }
  readonly confirm?: true
  readonly cloudEvents?: true | readonly string[]
  readonly metadata: Readonly<Record<string, string>>
  readonly live: readonly string[]
}

export interface NewSettings {
  readonly settings: Settings
  /** For the store. */
  readonly bytes: Uint8Array
  /** What it cannot keep. */
  readonly parts: LiveSettings
}

/** Checks the options of `create()` and compiles what must be compiled. */
export async function newSettings(
  options: CreateOptions,
  profile: Profile,
  digestKey: Uint8Array,
  contract?: Contract,
): Promise<NewSettings> {
  const { schema, respond, claimCheck, confirm, dedupe, retryAfter = '1s', subPaths = false, metadata = {} } = options
  const auths = options.auth === undefined ? [] : [options.auth].flat()
  if (options.auth !== undefined && auths.length === 0)
    throw new TypeError(
      'Expected auth with at least one way to prove who calls but found none: leave auth out where the URL is enough',
    )
  for (const auth of auths) checkAuth(auth)
  checkNested(options)
  const standardSchema = isStandardSchema(schema) ? schema : undefined
  const jsonSchema =
    schema === undefined || standardSchema !== undefined ? undefined : jsonSchemaOf(schema as object | boolean | string)
  const policy = dedupe ?? (claimCheck !== undefined ? claimDedupe(claimCheck) : profile.dedupes ? defaultDedupe : false)
  const fixed = respond === undefined || respond === 'manual' || typeof respond === 'function' ? respond : await answerOf(respond)
  const contentTypes =
    options.contentTypes ??
    (schema === undefined || contract !== undefined || profile.readsAs !== undefined
      ? undefined
      : ['application/json', 'application/*+json'])
  for (const [name, value] of Object.entries(metadata)) {
    if (typeof value !== 'string') throw new TypeError(`Expected metadata.${name} to be text but found ${typeof value}`)
  }

  const storable = auths.filter((auth) => auth.type !== 'custom' && !(auth.type === 'bearer' && typeof auth.token === 'function'))

  const stored: Omit<StoredSettings, 'live'> = {
    digestKey: Buffer.from(digestKey).toString('base64'),
    ...(contentTypes === undefined ? {} : { contentTypes }),
    retryAfterMs: milliseconds(retryAfter, 'retryAfter'),
    ...(options.acceptEncoded === true ? { acceptEncoded: true as const } : {}),
    subPaths,
    dedupe: policy === false ? false : (policy.headers ?? []),
    auth: storable,
    ...(jsonSchema === undefined ? {} : { schema: jsonSchema }),
    ...(fixed === undefined || typeof fixed === 'function' ? {} : { respond: fixed === 'manual' ? fixed : storedAnswer(fixed) }),
    ...(confirm === true ? { confirm } : {}),
    ...(options.challenges?.cloudEvents === undefined ? {} : { cloudEvents: options.challenges.cloudEvents }),
    metadata,
  }
  const parts: LiveSettings = {
    ...(storable.length < auths.length ? { auth: auths.filter((auth) => !storable.includes(auth)) } : {}),
    ...(policy !== false && policy.key !== undefined ? { dedupe: policy } : {}),
    ...(standardSchema === undefined ? {} : { schema: standardSchema }),
    ...(contract === undefined ? {} : { contract }),
    ...(typeof fixed === 'function' ? { respond: fixed } : {}),
    ...(claimCheck === undefined ? {} : { claimCheck: claimCheck as ClaimCheck }),
    ...(typeof confirm === 'object' ? { confirm: confirm.html } : {}),
  }
  return {
    settings: await ready(stored, parts),
    bytes: utf8(JSON.stringify({ ...stored, live: Object.keys(parts) })),
    parts,
  }
}

/**
 * The settings of an endpoint that another process made, with these functions for those over there; `undefined` when one of them is missing:
 * without it the endpoint would let in, or give out, what it must not.
 */
export async function storedSettings(bytes: Uint8Array, given: LiveSettings = {}): Promise<Settings | undefined> {
  const stored = JSON.parse(textOf(bytes)) as StoredSettings
  if (!stored.live.every((part) => Object.hasOwn(given, part))) return undefined
  return ready(stored, Object.fromEntries(Object.entries(given).filter(([part]) => stored.live.includes(part))))
}

/** What of the stored settings can be told, or is needed, without making all of them ready. */
export function glanceAt(bytes: Uint8Array): Pick<StoredSettings, 'metadata' | 'live'> & Pick<Settings, 'digestKey'> {
  const stored = JSON.parse(textOf(bytes)) as StoredSettings
  return { metadata: stored.metadata, live: stored.live, digestKey: digestKeyIn(stored) }
}

function digestKeyIn({ digestKey }: Pick<StoredSettings, 'digestKey'>): Uint8Array {
  return Buffer.from(digestKey, 'base64')
}

/** The parts that are functions, or have some. */
export interface LiveSettings {
  readonly auth?: readonly InboundAuth[]
  readonly dedupe?: DedupePolicy
  readonly schema?: StandardSchema
  readonly contract?: Contract
  readonly respond?: (call: Call) => Reply | Promise<Reply>
  readonly claimCheck?: ClaimCheck
  readonly confirm?: (page: { readonly action: string }) => string
}

async function ready(stored: Omit<StoredSettings, 'live'>, live: LiveSettings): Promise<Settings> {
  const { contentTypes, retryAfterMs, subPaths, dedupe, auth, schema, respond, confirm, cloudEvents, metadata } = stored
  return {
    digestKey: digestKeyIn(stored),
    contentTypes,
    retryAfterMs,
    acceptEncoded: stored.acceptEncoded === true,
    subPaths,
    dedupe: live.dedupe ?? (dedupe === false ? false : { headers: dedupe }),
    auth: [...auth, ...(live.auth ?? [])].map(strategyOf),
    check:
      live.schema !== undefined
        ? standardSchemaCheck(live.schema)
        : schema === undefined
          ? undefined
          : await jsonSchemaCheck(schema),
    contract: live.contract,
    respond: live.respond ?? (typeof respond === 'object' ? restoredAnswer(respond) : respond),
    claimCheck: live.claimCheck,
    confirm: live.confirm ?? (confirm === true ? confirmPage : undefined),
    cloudEvents,
    metadata,
  }
}

function storedAnswer(answer: Answer): { readonly text: string; readonly delayMs?: number } {
  const text = textOf(encodeAnswer(answer))
  return answer.delayMs === undefined ? { text } : { text, delayMs: answer.delayMs }
}

function restoredAnswer({ text, delayMs }: { readonly text: string; readonly delayMs?: number }): Answer {
  const answer = decodeAnswer(utf8(text))
  return delayMs === undefined ? answer : { ...answer, delayMs }
}

/** One claim is one call, however often it comes. */
function claimDedupe({ param = 'id' }: Pick<ClaimCheck, 'param'>): DedupePolicy {
  return { key: ({ query }) => query.get(param) ?? undefined }
}

function confirmPage({ action }: { readonly action: string }): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="robots" content="noindex"><title>Confirm</title><form method="post" action="${action}"><button>Confirm</button></form></html>`
}
