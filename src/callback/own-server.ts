import { child, isRecord, type Located, members, type Operation, type ServerObject, serversAt } from '../openapi/index.ts'

/**
 * The absolute URL that a callback names as its own server, for relative callback URLs. Servers of the API itself are never used: a
 * relative URL of a subscriber must not become a request to us. `undefined`: it names none, or none that is absolute.
 */
export function ownServerOf(operation: Operation): string | undefined {
  for (const holder of [operation.at, ...operation.pathItem.parts]) {
    const [server] = serversAt(holder) ?? []
    if (server !== undefined) return serverUrl(server)
  }
  return undefined
}

/** A server's URL with the defaults of its variables; `undefined` when it is not absolute. */
export function serverUrl(server: Located<ServerObject>): string | undefined {
  const defaults = new Map(members(child(server, 'variables')).map(({ name, at }) => [name, defaultOf(at.value)]))
  const url = server.value.url.replace(/\{([^{}]*)\}/g, (whole, name: string) => defaults.get(name) ?? whole)
  return /^https?:\/\/[^{}]*$/i.test(url) && URL.canParse(url) ? url : undefined
}

function defaultOf(variable: unknown): string | undefined {
  const value = isRecord(variable) ? variable.default : undefined
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
}
