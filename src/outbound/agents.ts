import type { Agent } from 'undici'
import { err, ok, type Result } from '../util/index.ts'
import { type ClientIdentity, identityText } from './client-identity.ts'
import type { SendOutcome } from './report.ts'

/** One agent for each identity, so that no connection serves two; the one that was not used the longest is closed when there are many. */
export interface Agents {
  /** An identity that TLS cannot use is trouble of ours, not of the peer. */
  of(identity: ClientIdentity | undefined): Result<Agent, SendOutcome>
  destroy(): Promise<void>
}

const mostIdentities = 64

export function createAgents(make: (identity: ClientIdentity | undefined) => Agent): Agents {
  const plain = make(undefined)
  // The order of the map is that of use.
  const byIdentity = new Map<string, Agent>()
  const closing = new Set<Agent>()
  let isDestroyed = false

  const closeOldest = (): void => {
    const [oldest] = byIdentity
    if (byIdentity.size < mostIdentities || oldest === undefined) return
    const [text, agent] = oldest
    byIdentity.delete(text)
    closing.add(agent)
    // What is under way may end.
    agent
      .close()
      .catch(() => {})
      .finally(() => closing.delete(agent))
  }

  return {
    of(identity) {
      if (identity === undefined || isDestroyed) return ok(plain)
      const text = identityText(identity)
      let agent = byIdentity.get(text)
      byIdentity.delete(text)
      if (agent === undefined) {
        try {
          agent = make(identity)
        } catch {
          // What OpenSSL says of it could quote the key.
          const message =
            'The client certificate and its key cannot be used: expected PEM, and a key that belongs to the certificate.'
          return err({ kind: 'failed', cause: 'local', code: 'ERR_CLIENT_CERTIFICATE', message })
        }
        closeOldest()
      }
      byIdentity.set(text, agent)
      return ok(agent)
    },
    async destroy() {
      isDestroyed = true
      await Promise.all([plain, ...byIdentity.values(), ...closing].map((agent) => agent.destroy()))
    },
  }
}
