import { lookup } from 'node:dns/promises'

/** Answers every address of a name. Rejects when there is none or when it cannot tell. */
export type Resolver = (hostname: string) => Promise<readonly string[]>

/** The resolver of the system (`getaddrinfo`), in the order it prefers. */
export const systemResolver: Resolver = async (hostname) => {
  const answers = await lookup(hostname, { all: true, order: 'verbatim' })
  return answers.map((answer) => answer.address)
}
