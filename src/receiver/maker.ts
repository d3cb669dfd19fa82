import type { CallbackEndpoint } from './callback-endpoint.ts'
import type { Contract } from './contract/index.ts'
import type { Core } from './core.ts'
import type { CreateOptions } from './create-options.ts'
import { milliseconds } from './duration.ts'
import { createEndpoint } from './endpoint.ts'
import { nameOf } from './name-of.ts'
import { placeOf } from './places.ts'
import { newSettings, storedSettings } from './settings.ts'
import { methods as allMethods, type Method } from './status.ts'
import type { EndpointRow } from './store.ts'
import type { Waits } from './waits.ts'

/** Makes endpoints, and remembers what of them no store can hold. */
export interface Maker {
  make<T>(options: CreateOptions<T>, contract?: Contract): Promise<CallbackEndpoint<T>>
  /** Forgets the functions of endpoints that the store has forgotten, each time as many are new as were kept; `now`: always. */
  prune(options?: { readonly now?: boolean }): Promise<void>
}

export function createMaker(core: Core, waits: Waits): Maker {
  const { profile, tokens, random } = core
  /** Of endpoints that may be asked for again by their `idempotencyKey`. */
  const secrets = new Map<string, string>()
  let prunedAt = 1000

  async function make<T>(options: CreateOptions<T>, contract?: Contract): Promise<CallbackEndpoint<T>> {
    const id = profile.urls.newId(random)
    const { secret, hash } = tokens.mint(id)
    const lifeMs = milliseconds(options.expiresIn ?? profile.lifeMs, 'expiresIn', { infinity: true })
    const { settings, bytes, parts } = await newSettings(options as CreateOptions, profile, random(32), contract)
    const { slots = profile.slots, maxCalls = profile.maxCalls ?? Number.POSITIVE_INFINITY } = options
    const methods = methodsOf(contract?.methods ?? options.method ?? 'POST')
    const idempotencyKey = options.idempotencyKey === undefined ? null : nameOf(options.idempotencyKey, 'idempotencyKey')
    const unread = wholeNumber(slots, 'slots', 0)
    const most = maxCalls === Number.POSITIVE_INFINITY ? null : wholeNumber(maxCalls, 'maxCalls', 1)
    // Whose time counts is known once the store has been asked.
    await core.started()
    const now = core.clock.now()
    const row: EndpointRow = {
      id,
      tokenHash: hash,
      methods,
      slots: unread,
      maxCalls: most,
      state: 'open',
      reason: null,
      createdAt: now,
      expiresAt: lifeMs === Number.POSITIVE_INFINITY ? null : now + lifeMs,
      endedAt: null,
      idempotencyKey,
      ...core.sealer.seal(bytes, placeOf.endpoint(id)),
    }
    const inserted = await core.store.insertEndpoint(row)
    if (!inserted.created) {
      // After a restart the functions of an endpoint come back with who asks for it again.
      const known = inserted.row
      if ((await core.settingsFor(known)) === undefined) {
        const revived = await storedSettings(core.sealer.open(known.sealed, placeOf.endpoint(known.id)), parts)
        if (revived !== undefined) core.settings.set(known.id, revived)
      }
      return createEndpoint<T>(core, waits, known, secrets.get(known.id))
    }
    core.settings.set(id, settings)
    if (row.idempotencyKey !== null) secrets.set(id, secret)
    await prune()
    core.emit('created', id)
    return createEndpoint<T>(core, waits, inserted.row, secret)
  }

  async function prune({ now = false } = {}): Promise<void> {
    if (!now && core.settings.size < prunedAt) return
    for (const id of core.settings.keys()) {
      if ((await core.store.getEndpoint(id)) === null) {
        core.settings.delete(id)
        secrets.delete(id)
      }
    }
    prunedAt = Math.max(1000, core.settings.size * 2)
  }

  return { make, prune }
}

function methodsOf(option: Method | readonly Method[]): Method[] {
  const chosen = [...new Set([option].flat())]
  const unknown = chosen.find((method) => !allMethods.includes(method))
  if (unknown === undefined && chosen.length > 0) return chosen
  throw new TypeError(
    `Expected method to be one or more of ${allMethods.join(', ')} but found ${JSON.stringify(unknown ?? option)}`,
  )
}

function wholeNumber(value: number, name: string, least: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value
  throw new TypeError(`Expected ${name} to be a whole number from ${least} on but found ${String(value)}`)
}
