import { describe, expect, test } from 'vitest'
import type { TargetConstraint } from '../../src/http/index.ts'
import { publicInternet, type RefusalRule } from '../../src/outbound/index.ts'
import fc from '../support/fast-check.ts'

const policy = publicInternet()
const verdictOf = (url: string, constraint?: TargetConstraint): RefusalRule | 'allowed' => {
  const judged = policy.judge(url, constraint)
  return judged.ok ? 'allowed' : judged.error.rule
}

const octet = fc.nat(255)
const special = fc.oneof(
  fc.tuple(fc.constantFrom(0, 10, 127, 224, 239, 240, 255), octet, octet, octet),
  fc.tuple(fc.constant(100), fc.integer({ min: 64, max: 127 }), octet, octet),
  fc.tuple(fc.constant(169), fc.constant(254), octet, octet),
  fc.tuple(fc.constant(172), fc.integer({ min: 16, max: 31 }), octet, octet),
  fc.tuple(fc.constant(192), fc.constant(168), octet, octet),
  fc.tuple(fc.constant(198), fc.constantFrom(18, 19), octet, octet),
  fc.constant([168, 63, 129, 16] as [number, number, number, number]),
)
const anyV4 = fc.tuple(octet, octet, octet, octet)
type Quad = readonly [number, number, number, number]

const number = ([a, b, c, d]: Quad): number => a * 2 ** 24 + b * 2 ** 16 + c * 2 ** 8 + d
const hex = (value: number): string => `0x${value.toString(16)}`
const octal = (value: number): string => `0${value.toString(8)}`
const fullWidth = (text: string): string => text.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)))
const percent = (text: string): string => text.replace(/\d/g, (digit) => `%3${digit}`)
const groups = (quad: Quad): string => {
  const value = number(quad)
  return `${Math.floor(value / 65_536).toString(16)}:${(value % 65_536).toString(16)}`
}

const spellings: Readonly<Record<string, (quad: Quad) => string>> = {
  dotted: (quad) => quad.join('.'),
  'dotted with the dot of the root': (quad) => `${quad.join('.')}.`,
  'one number': (quad) => String(number(quad)),
  'one hexadecimal number': (quad) => hex(number(quad)),
  'one octal number': (quad) => octal(number(quad)),
  'hexadecimal octets': (quad) => quad.map(hex).join('.'),
  'octal octets': (quad) => quad.map(octal).join('.'),
  'three parts': ([a, b, c, d]) => `${a}.${b}.${c * 256 + d}`,
  'two parts': ([a, b, c, d]) => `${a}.${b * 65_536 + c * 256 + d}`,
  'mixed radixes': ([a, b, c, d]) => `${hex(a)}.${octal(b)}.${c}.${hex(d)}`,
  'full-width digits': (quad) => fullWidth(quad.join('.')),
  'full-width digits and ideographic dots': (quad) => fullWidth(quad.join('\u3002')),
  'percent-encoded digits': (quad) => percent(quad.join('.')),
  'IPv4-mapped': (quad) => `[::ffff:${quad.join('.')}]`,
  'IPv4-mapped in groups': (quad) => `[::ffff:${groups(quad)}]`,
  'IPv4-mapped at full length': (quad) => `[0:0:0:0:0:ffff:${groups(quad)}]`,
  NAT64: (quad) => `[64:ff9b::${groups(quad)}]`,
  'NAT64 with dots': (quad) => `[64:ff9b::${quad.join('.')}]`,
}

describe('every spelling of an IPv4 address has the verdict of the address', () => {
  test.each(Object.entries(spellings))('%s', (_name, spell) => {
    fc.assert(
      fc.property(special, (quad) => verdictOf(`http://${spell(quad)}/cb`) !== 'allowed'),
      { numRuns: 300 },
    )
    fc.assert(
      fc.property(
        anyV4,
        (quad) =>
          (verdictOf(`http://${spell(quad)}/cb`) === 'allowed') === (verdictOf(`http://${quad.join('.')}/`) === 'allowed'),
      ),
      { numRuns: 300 },
    )
  })
})

describe('addresses that a resolver may answer', () => {
  const v6 = (first: string): fc.Arbitrary<string> =>
    fc
      .array(fc.nat(0xffff), { minLength: 7, maxLength: 7 })
      .map((rest) => [first, ...rest.map((group) => group.toString(16))].join(':'))

  test('every address of ::/8 but NAT64 and IPv4-mapped ones is refused', () => {
    fc.assert(
      fc.property(
        fc.nat(0xff).chain((first) => v6(first.toString(16))),
        (address) => !policy.judgeAddress(address).ok,
      ),
    )
  })

  test('every address outside 2000::/3 is refused, and most inside it are allowed', () => {
    fc.assert(
      fc.property(
        fc.nat(0xffff).chain((first) => v6(first.toString(16)).map((address) => ({ first, address }))),
        ({ first, address }) => {
          const expected = first >= 0x2000 && first <= 0x3fff && first !== 0x2001 && first !== 0x2002 && first !== 0x3fff
          return first === 0x2001 || first === 0x3fff || first === 0x64 || policy.judgeAddress(address).ok === expected
        },
      ),
    )
  })

  test('an IPv4 address inside IPv6 has the verdict of the IPv4 address', () => {
    fc.assert(
      fc.property(fc.oneof(anyV4, special), fc.constantFrom('::ffff:', '64:ff9b::'), (quad, prefix) => {
        return policy.judgeAddress(`${prefix}${groups(quad)}`).ok === policy.judgeAddress(quad.join('.')).ok
      }),
    )
  })

  test.each(['', 'fe80::1%eth0', '::1%1', '127.0.0.1:80', 'localhost', '1.2.3', '0x7f.1', ' 8.8.8.8', '2001:4860:4860::8888%'])(
    '%j is no address to dial',
    (text) => expect(policy.judgeAddress(text).ok).toBe(false),
  )

  test('nothing that is thrown at it makes it throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        policy.judge(text)
        policy.judge(`http://${text}`)
        return !policy.judgeAddress(text).ok || /^[0-9a-f:.]+$/i.test(text)
      }),
    )
  })
})

const TEXT: [url: string, rule: RefusalRule | 'allowed'][] = [
  ['https://hooks.example.com', 'allowed'],
  ['HTTPS://HOOKS.EXAMPLE.COM/', 'allowed'],
  [`https://hooks.example.com/${'a'.repeat(8192)}`, 'too-long'],
  ['https://hooks.example.com\\@evil.net/', 'control-space-or-backslash'],
  ['https://hooks.example.com/\u007f', 'control-space-or-backslash'],
  ['https://hooks.example.com/\n', 'control-space-or-backslash'],
  ['https://user%40:x@hooks.example.com/', 'userinfo'],
  ['https://hooks.example.com/@here', 'allowed'],
  ['https://hooks.example.com?mail=a@b.example', 'allowed'],
  ['https://hooks.example.com:22/', 'port'],
  ['https://hooks.example.com:8080/', 'allowed'],
  ['https://hooks.example.com:65536/', 'unparseable'],
  ['https://hooks.example.com:10080/', 'port'],
  ['https://a..example.com/', 'unparseable'],
  ['https://example.com../', 'unparseable'],
  ['https://com/', 'single-label'],
  ['https://com./', 'single-label'],
  ['https://hooks.example.corp/', 'private-name'],
  ['https://hooks.example.corp./', 'private-name'],
  ['https://home.arpa/', 'private-name'],
  ['https://corp.example.com/', 'allowed'],
  ['https://hooks.example.com/%7Bid%7D', 'allowed'],
]
test.each(TEXT)('%s: %s', (url, rule) => expect(verdictOf(url)).toBe(rule))

describe('opt-ins', () => {
  const opened = publicInternet({
    allow: ['10.2.0.0/16', 'fd12::/16', 'hooks.corp.example:8443', 'receiver:22', 'plain.internal', '192.168.7.7'],
  })
  const allowed = (url: string): boolean => opened.judge(url).ok
  const target = (host: string, port: number) => ({ host, port })

  test.each([
    ['http://10.2.3.4/', true],
    ['http://10.3.0.1/', false],
    ['http://[::ffff:10.2.3.4]/', true],
    ['http://[fd12::1]/', true],
    ['http://[fd13::1]/', false],
    ['http://192.168.7.7:8080/', true],
    ['http://192.168.7.7:22/', false],
    ['http://192.168.7.8/', false],
    ['http://hooks.corp.example:8443/', true],
    ['http://receiver:22/', true],
    ['http://receiver:80/', false],
    ['http://plain.internal/', true],
    ['https://plain.internal/', true],
    ['https://plain.internal:8443/', false],
    ['http://hooks.plain.internal/', false],
    ['http://localhost/', false],
  ])('%s: %s', (url, expected) => expect(allowed(url)).toBe(expected))

  test.each([
    ['10.2.3.4', target('anything.example.com', 443), true],
    ['10.9.9.9', target('anything.example.com', 443), false],
    ['10.9.9.9', target('hooks.corp.example', 8443), true],
    ['10.9.9.9', target('hooks.corp.example', 443), false],
    ['127.0.0.1', target('hooks.corp.example', 8443), true],
    ['169.254.169.254', target('hooks.corp.example', 8443), false],
    ['::ffff:169.254.169.254', target('hooks.corp.example', 8443), false],
    ['fd00:ec2::254', target('hooks.corp.example', 8443), false],
    ['168.63.129.16', target('hooks.corp.example', 8443), false],
    ['0.0.0.0', target('hooks.corp.example', 8443), false],
    ['::', target('hooks.corp.example', 8443), false],
    ['100.100.100.200', target('hooks.corp.example', 8443), false],
    ['224.0.0.1', target('hooks.corp.example', 8443), false],
    ['fe80::1', target('hooks.corp.example', 8443), false],
    ['fd00::1', target('hooks.corp.example', 8443), true],
    ['93.184.215.14', target('hooks.corp.example', 8443), true],
  ])('%s for %o: %s', (address, at, expected) => expect(opened.judgeAddress(address, at).ok).toBe(expected))

  test.each([
    '10.2.0.1/16',
    '10.2.0.0/33',
    'http://hooks.example',
    'a b',
    '',
    '*.example.com',
    'user@host',
    'host:99999',
    '10.2.0.0/',
  ])('%j is refused as an entry of allow', (entry) => expect(() => publicInternet({ allow: [entry] })).toThrow(TypeError))

  test('httpsOnly refuses http', () => {
    const strict = publicInternet({ httpsOnly: true })
    expect(strict.judge('http://hooks.example.com/')).toMatchObject({ error: { rule: 'https-only' } })
    expect(strict.judge('https://hooks.example.com/').ok).toBe(true)
  })

  test('devLoopback opens loopback alone, and never in production', () => {
    const dev = publicInternet({ devLoopback: true }, 'development')
    const urls = [
      'http://localhost:3000/',
      'http://a.localhost:3000/',
      'http://127.0.0.1:3000/',
      'http://[::1]:3000/',
      'http://10.0.0.1/',
    ]
    expect(urls.map((url) => dev.judge(url).ok)).toEqual([true, true, true, true, false])
    expect(() => publicInternet({ devLoopback: true }, 'production')).toThrow(/devLoopback/)
  })
})

test('what a subscriber is told names no address', () => {
  for (const address of ['10.1.2.3', '169.254.169.254', '::1', 'fd00::1', '64:ff9b::a00:1']) {
    const verdict = policy.judgeAddress(address)
    expect(verdict.ok).toBe(false)
    if (!verdict.ok) {
      expect(verdict.error.message).toBe('The host is not one that callbacks may be sent to.')
      expect(verdict.error.detail).toContain(address)
    }
  }
})
