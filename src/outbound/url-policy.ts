import { isIP } from 'node:net'
import { constraintBrokenBy, type TargetConstraint } from '../http/index.ts'
import { checkNames, err, type OptionRules, ok, type Result } from '../util/index.ts'
import { refusalOfAddress } from './address-rules.ts'
import { refusalOfName } from './name-rules.ts'
import { hostOf, originKey, parseOptIns } from './opt-ins.ts'
import { isPortAllowed } from './port-rules.ts'
import { type Refusal, refusal } from './refusal.ts'

/** Decides where requests may go. Pure: it resolves no name, so a name that is allowed here is judged again by the addresses it has. */
export interface UrlPolicy {
  /**
   * Judges a URL as text, byte for byte as it was given, held to what its callback key fixed. Use it where a subscriber registers the URL,
   * and send the parsed URL that it returns, never the text.
   */
  judge(url: string, constraint?: TargetConstraint): Result<JudgedUrl, Refusal>
  /** Judges an address that a name has resolved to, or that a socket is connected to. `target` is the host that was asked for. */
  judgeAddress(address: string, target?: JudgedTarget): Result<string, Refusal>
}

export interface JudgedTarget {
  /** Lower case, punycode, without brackets and without the dot of the root. */
  readonly host: string
  readonly port: number
}

export interface JudgedUrl extends JudgedTarget {
  /** Without fragment, and without the dot of the root. */
  readonly url: URL
  /** True when the host is an IP address: no resolver is asked. */
  readonly isLiteral: boolean
}

export interface PublicInternetOptions {
  /**
   * What is allowed although the policy refuses it: address ranges (`10.2.0.0/16`), addresses, and hosts (`hooks.corp.example:8443`; without
   * a port: 80 and 443). A host by its name may resolve to addresses of private networks and loopback, but not to link-local ones, metadata
   * services and multicast. Default: nothing.
   */
  readonly allow?: readonly string[]
  /** Refuse `http:`. Default: false. */
  readonly httpsOnly?: boolean
  /** Allow loopback addresses, `localhost` and `*.localhost`, for development. A `TypeError` when NODE_ENV is `production`. Default: false. */
  readonly devLoopback?: boolean
}

const longestUrl = 8192
const optionRules: OptionRules<PublicInternetOptions> = {
  allow: ['map', 'a list such as ["10.2.0.0/16"]'],
  httpsOnly: 'boolean',
  devLoopback: 'boolean',
}

/** The default policy: http and https to the public Internet, and nowhere else. */
export function publicInternet(
  options: PublicInternetOptions = {},
  environment: string | undefined = process.env.NODE_ENV,
): UrlPolicy {
  checkNames(options, optionRules, 'the options of publicInternet()')
  const devLoopback = options.devLoopback === true
  if (devLoopback && environment === 'production') {
    throw new TypeError(
      'Expected "devLoopback" to be off when NODE_ENV is "production". Name what must be reached in "allow" instead.',
    )
  }
  const { ranges, origins } = parseOptIns(options.allow ?? [])
  const addressOptIns = { ranges, loopback: devLoopback }
  const isNamed = (target: JudgedTarget): boolean => origins.has(originKey(target.host, target.port))

  const judgeAddress: UrlPolicy['judgeAddress'] = (address, target) => {
    const refused = refusalOfAddress(address, addressOptIns, target !== undefined && isNamed(target))
    return refused === undefined ? ok(address) : err(refused)
  }

  const refusalOfHost = (target: JudgedTarget, isLiteral: boolean): Refusal | undefined => {
    if (isLiteral) return refusalOfAddress(target.host, addressOptIns, isNamed(target))
    if (isNamed(target) || (devLoopback && isLoopbackName(target.host))) return undefined
    return refusalOfName(target.host)
  }

  const judge: UrlPolicy['judge'] = (text, constraint) => {
    const spelling = refusalOfSpelling(text)
    if (spelling !== undefined) return err(spelling)
    const url = parse(text)
    if (url === undefined) return err(refusal('unparseable', `WHATWG URL cannot parse ${JSON.stringify(text)}`))
    if (url.hash !== '') url.hash = ''
    const target = { host: hostOf(url), port: portOf(url) }
    const isLiteral = isIP(target.host) !== 0
    // RFC 6066, 3: a server name in TLS has no dot at its end.
    if (!isLiteral && url.hostname.endsWith('.')) url.hostname = target.host
    const refused =
      (options.httpsOnly === true && url.protocol !== 'https:'
        ? refusal('https-only', `the scheme is ${url.protocol}`)
        : undefined) ??
      (isPortAllowed(target.port) || isNamed(target) ? undefined : refusal('port', `port ${target.port}`)) ??
      refusalOfHost(target, isLiteral) ??
      refusalOfConstraint(url, constraint)
    return refused === undefined ? ok({ ...target, url, isLiteral }) : err(refused)
  }

  return { judge, judgeAddress }
}

function parse(text: string): URL | undefined {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}

/** What can be said before parsing. WHATWG URL repairs most of these silently, and other parsers read them otherwise. */
function refusalOfSpelling(text: string): Refusal | undefined {
  if (text === '') return refusal('empty', 'the URL is empty')
  if (text.length > longestUrl) return refusal('too-long', `${text.length} characters`)
  if (/[\u0000-\u0020\u007f\\]/.test(text)) return refusal('control-space-or-backslash', JSON.stringify(text))
  if (/[{}]/.test(text)) return refusal('unresolved-expression', text)
  const authority = /^https?:\/\/([^/?#]+)/i.exec(text)?.[1]
  if (authority === undefined) return refusal('not-absolute-http', text)
  return authority.includes('@') ? refusal('userinfo', 'the authority contains "@"') : undefined
}

function refusalOfConstraint(url: URL, constraint: TargetConstraint = {}): Refusal | undefined {
  switch (constraintBrokenBy(url, constraint)) {
    case 'scheme':
      return refusal('template-scheme-changed', `expected ${constraint.scheme}:, found ${url.protocol}`)
    case 'authority':
      return refusal('template-authority-changed', `expected ${JSON.stringify(constraint.authority)}, found ${url.host}`)
    default:
      return undefined
  }
}

function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port)
  return url.protocol === 'https:' ? 443 : 80
}

function isLoopbackName(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost')
}
