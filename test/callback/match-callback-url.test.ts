import { matchCallbackUrl, resolveCallbacks } from 'ringback'
import { describe, expect, test } from 'vitest'
import { startCpuTime } from '../support/cpu-time.ts'
import fc from '../support/fast-check.ts'
import { descriptionWithKey } from './support.ts'

describe('a called URL', () => {
  const MATCHES: [key: string, url: string, values: string[]][] = [
    ['https://a.example/hook', 'https://a.example/hook', []],
    ['https://A.example', 'https://a.example/', []],
    ['https://L.Example:443/cb/{$request.body#/a}', 'https://l.example/cb/x', ['x']],
    ['https://l.example/é/{id}', 'https://l.example/%C3%A9/7', ['7']],
    ['https://l.example?x={id}', 'https://l.example/?x=7', ['7']],
    ['https://l.example/./a/{id}', 'https://l.example/a/7', ['7']],
    ['{$request.body#/url}/é', 'https://l.example/a/%C3%A9', ['https://l.example/a']],
    ['$request.body#/url', 'https://a.example/x?y#z', ['https://a.example/x?y#z']],
    ['{$request.body#/url}', 'https://a.example/x', ['https://a.example/x']],
    ['{$request.body#/url}/data', 'https://a.example/x/data', ['https://a.example/x']],
    ['{$request.body#/url}/data', 'https://a.example/data/data', ['https://a.example/data']],
    ['{$request.body#/url}/data', 'https://a.example/x/data?key=1', ['https://a.example/x?key=1']],
    ['{$request.body#/url}/data', 'https://a.example/x?key=1/data', ['https://a.example/x?key=1']],
    ['{$request.body#/url}?id={$request.body#/id}', 'https://a.example/x?id=a%20b%2Fc', ['https://a.example/x', 'a b/c']],
    ['https://a.example/{$request.body#/a}-{$request.body#/b}', 'https://a.example/x-y-z', ['x-y', 'z']],
    ['https://{$request.body#/host}/x', 'https://b.example:8080/x', ['b.example:8080']],
    ['https://a.example/{id}/x', 'https://a.example/%E4%B8%96/x', ['世']],
    ['https://a.example/{id}', 'https://a.example/', ['']],
    ['https://a.example/{id}/{id}', 'https://a.example/1/1', ['1', '1']],
    ['https://a.example/{id}', 'https://a.example/%', ['%']],
  ]
  test.each(MATCHES)('comes from %s: %s', (key, url, values) => {
    const matched = matchCallbackUrl(key, url)
    expect(matched.ok && matched.value.values.map(({ value }) => value)).toEqual(values)
  })

  test('names its holes', () => {
    expect(matchCallbackUrl('{$request.body#/url}/{id}', new URL('https://a.example/7'))).toEqual({
      ok: true,
      value: {
        values: [
          { part: '{$request.body#/url}', kind: 'embedded-expression', value: 'https://a.example' },
          { part: '{id}', kind: 'path-parameter', value: '7' },
        ],
        params: { id: '7' },
      },
    })
  })

  const OTHERS: [key: string, url: string, reason: string][] = [
    ['https://a.example/hook', 'https://a.example/hooks', 'no-match'],
    ['{$request.body#/url}/data', 'https://a.example/dat', 'no-match'],
    ['{$request.body#/url}', '/only/a/path', 'no-match'],
    ['{$request.body#/url}', 'ftp://a.example/', 'no-match'],
    ['https://a.example/{id}', 'https://a.example/1/2', 'no-match'],
    ['https://a.example/{id}', 'https://a.example/1?x', 'no-match'],
    ['https://a.example/{id}/{id}', 'https://a.example/1/2', 'no-match'],
    ['https://{$request.body#/host}/x', 'https://evil.example/y/x', 'no-match'],
    ['{request.body#/url}', 'https://a.example', 'bad-syntax'],
  ]
  test.each(OTHERS)('does not come from %s: %s', (key, url, reason) => {
    expect(matchCallbackUrl(key, url)).toMatchObject({ ok: false, error: { reason } })
  })

  test('is matched in linear time', () => {
    const key = `https://a.example/${'{a}{$request.query.b}-'.repeat(50)}x`
    const cpuTime = startCpuTime()
    expect(matchCallbackUrl(key, `https://a.example/${'a-'.repeat(4_000)}y`).ok).toBe(false)
    // A matcher that tries all splits would not end at all.
    expect(cpuTime()).toBeLessThan(2_000)
  })

  test('gives back what was resolved', () => {
    const values = fc.record({
      url: fc.webUrl({ withQueryParameters: true, withFragments: true }),
      // A lone "." or ".." is refused when resolving.
      a: fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/^\.\.?$/.test(text)),
      b: fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/^\.\.?$/.test(text)),
    })
    const key = '{$request.body#/url}/{$request.body#/a}?b={$request.body#/b}'
    const description = descriptionWithKey(key)
    fc.assert(
      fc.property(values, (body) => {
        const [callback] = resolveCallbacks(description, 'createThing', { id: 'x', request: { body } }, { tail: 'verbatim' })
        if (!callback?.target.ok) return false
        const matched = matchCallbackUrl(key, callback.target.value.url)
        return (
          matched.ok &&
          JSON.stringify(matched.value.values.map(({ value }) => value)) === JSON.stringify([body.url, body.a, body.b])
        )
      }),
      { numRuns: 300 },
    )
  })
})
