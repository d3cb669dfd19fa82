import { describe, expect, test } from 'vitest'
import { type TargetConstraint, type TemplatePart, targetConstraintOf } from '../../src/http/index.ts'
import { publicInternet } from '../../src/outbound/index.ts'

/** `*` stands for a hole. */
function reduce(text: string): TargetConstraint {
  const parts = text.split(/(\*)/).filter((part) => part !== '')
  return targetConstraintOf(
    parts.map((part): TemplatePart => (part === '*' ? { kind: 'hole' } : { kind: 'literal', text: part })),
  )
}

const exact = (host: string, port = ''): TargetConstraint['authority'] => ({ kind: 'exact', host, port })
const around = (prefix: string, suffix: string, port = ''): TargetConstraint['authority'] => ({
  kind: 'suffix',
  prefix,
  suffix,
  port,
})

const REDUCED: [key: string, scheme: 'http' | 'https' | undefined, authority: TargetConstraint['authority'] | undefined][] = [
  ['*', undefined, undefined],
  ['*/cb', undefined, undefined],
  ['*?to=https://a.example/', undefined, undefined],
  ['/cb/*', undefined, undefined],
  ['a.example/*', undefined, undefined],
  ['', undefined, undefined],
  ['https://a.example', 'https', exact('a.example')],
  ['HTTPS://A.Example/*', 'https', exact('a.example')],
  ['https://a.example:443/*', 'https', exact('a.example')],
  ['http://a.example:443/*', 'http', exact('a.example', '443')],
  ['https://a.example:08443/*', 'https', exact('a.example', '8443')],
  ['https://b\u00fccher.example/*', 'https', exact('xn--bcher-kva.example')],
  ['http://[::1]:8080/*', 'http', exact('[::1]', '8080')],
  ['http://[::1]/*', 'http', exact('[::1]')],
  ['https://a.example*', 'https', exact('a.example')],
  ['https://a.example*/cb', 'https', exact('a.example')],
  ['https://a.example?*', 'https', exact('a.example')],
  ['https://a.example#*', 'https', exact('a.example')],
  ['https://a.example:*/cb', 'https', exact('a.example', 'any')],
  ['https://a.example:*', 'https', exact('a.example', 'any')],
  ['https://*.a.example/cb', 'https', around('', '.a.example')],
  ['https://*.a.example', 'https', around('', '.a.example')],
  ['https://*.a.example*', 'https', around('', '.a.example')],
  ['https://*.a.example:8443/cb', 'https', around('', '.a.example', '8443')],
  ['https://*.a.example:*/cb', 'https', around('', '.a.example', 'any')],
  ['https://api-*.A.example/cb', 'https', around('api-', '.a.example')],
  ['https://*-*.a.example/cb', 'https', around('', '.a.example')],
  ['https://*.b\u00fccher.example/cb', 'https', around('', '.xn--bcher-kva.example')],
  ['https://*:8443/cb', 'https', around('', '', '8443')],
  ['https://*:*/cb', 'https', around('', '', 'any')],
  ['https://*/cb', 'https', undefined],
  ['https://**', 'https', undefined],
  ['*://a.example/cb', undefined, exact('a.example')],
  ['http*://a.example/cb', undefined, exact('a.example')],
  ['*://*.a.example/cb', undefined, around('', '.a.example')],
  ['ftp://a.example/', undefined, exact('a.example')],
]

test.each(REDUCED)('%s fixes %s and %o', (key, scheme, authority) => {
  expect(reduce(key)).toEqual({ ...(scheme && { scheme }), ...(authority && { authority }) })
})

const JUDGED: [key: string, value: string, verdict: boolean][] = [
  ['https://a.example*', '/cb', true],
  ['https://a.example*', '?x=1', true],
  ['https://a.example*', '', true],
  ['https://a.example*', '.evil.net/', false],
  ['https://a.example*', ':8443/', false],
  ['https://a.example*', '@evil.net/', false],
  ['https://a.example:*', '8443/cb', true],
  ['https://a.example:*', '8443@evil.net/', false],
  ['https://a.example:*', '22/', false],
  ['https://*.a.example/cb', 'acme', true],
  ['https://*.a.example/cb', 'evil.net/', false],
  ['https://*.a.example/cb', 'evil.net?', false],
  ['https://*.a.example/cb', 'evil.net#', false],
  ['https://*.a.example/cb', 'evil.net:8443/', false],
  ['https://*.a.example/cb', 'x@y', false],
  ['https://*.a.example/cb', '', false],
  ['*://a.example/cb', 'https', true],
  ['*://a.example/cb', 'https://evil.net/', false],
  ['*://a.example/cb', 'https://evil.net/?', false],
  ['https://a*.example.com/cb', 'pi', true],
]

describe('a value in a hole', () => {
  const policy = publicInternet()
  test.each(JUDGED)('%s with %j: %s', (key, value, verdict) => {
    // `example` is a reserved suffix, but not one that the policy refuses.
    expect(policy.judge(key.replace('*', value), reduce(key)).ok).toBe(verdict)
  })
})
