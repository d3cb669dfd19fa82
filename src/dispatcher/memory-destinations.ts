import type { Destination, DestinationStore } from './destination.ts'

/** Keeps destinations in this process. */
export function memoryDestinations(): DestinationStore {
  const all = new Map<string, Destination>()
  return {
    async insert(destination) {
      if (all.has(destination.id)) return false
      all.set(destination.id, destination)
      return true
    },
    get: async (id) => all.get(id),
    async list({ limit, after }) {
      const ids = [...all.keys()].sort().filter((id) => after === undefined || id > after)
      return ids.slice(0, limit).flatMap((id) => all.get(id) ?? [])
    },
    async update(destination) {
      const before = all.get(destination.id)
      if (before?.version !== destination.version - 1) return false
      const { unreadable, ...known } = destination
      all.set(known.id, unreadable === undefined ? known : { ...known, secrets: before.secrets })
      return true
    },
    async purge({ changedBefore, limit }) {
      const old = [...all.values()].filter(
        ({ secrets, disabled, changedAt }) => secrets.length === 0 && disabled === undefined && changedAt < changedBefore,
      )
      for (const { id } of old.slice(0, limit)) all.delete(id)
      return Math.min(old.length, limit)
    },
  }
}
