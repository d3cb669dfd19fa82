import { InvalidArgumentError } from 'commander'
import type { StoreFlags } from '../store/flags.ts'

/** The options of `ringback proxy`. */
export interface ProxyFlags extends Partial<StoreFlags> {
  readonly upstream: URL
  readonly host: string
  readonly port: number
  readonly handlers?: string
  readonly example?: true
  readonly dryRun?: true
  readonly allow?: readonly string[]
  readonly devLoopback?: true
  readonly basePath?: string
  readonly origin?: string
  readonly strict?: true
  readonly drain: number
  readonly hold?: number
  readonly json?: true
}

export function readUpstream(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isPlain = url !== undefined && url.search === '' && url.hash === '' && url.username === '' && url.password === ''
  if (isPlain && /^https?:$/.test(url.protocol)) return url
  throw new InvalidArgumentError('Expected an http or https URL without user, query and fragment, such as http://127.0.0.1:3000.')
}
