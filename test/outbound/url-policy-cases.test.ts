import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TemplatePart, targetConstraintOf } from '../../src/http/index.ts'
import { createTransport, publicInternet } from '../../src/outbound/index.ts'
import { stubDialler } from '../support/stub-dialler.ts'

interface Case {
  readonly id: string
  readonly url: string
  readonly template?: string
  readonly resolvesTo?: readonly string[]
  readonly atRegistration?: readonly string[]
  readonly redirectsTo?: string
  readonly verdict: 'allow' | 'block'
  readonly rule?: string
  readonly why: string
}

const file = new URL('../fixtures/conformance/url-policy-cases.json', import.meta.url)
const cases: readonly Case[] = JSON.parse(readFileSync(file, 'utf8'))
const policy = publicInternet()

/** Enough of the grammar for the templates of the file; the real reduction takes the parts of a parsed key. */
function partsOf(template: string): readonly TemplatePart[] {
  return template
    .split(/(\{[^}]*\})/)
    .filter((text) => text !== '')
    .map((text) => (text.startsWith('{') ? { kind: 'hole' } : { kind: 'literal', text }))
}

const constraintOf = ({ template }: Case) => (template === undefined ? {} : targetConstraintOf(partsOf(template)))

test('the file is the one that was written for it', () => {
  expect(cases.length).toBeGreaterThan(100)
})

describe('the pure function', () => {
  test.each(cases)('$id $url: $verdict, $why', (row) => {
    // A redirect is refused by never being followed: only the connector can show that.
    const target = policy.judge(row.url, constraintOf(row))
    const addresses = target.ok && !target.value.isLiteral ? (row.resolvesTo ?? []) : []
    const refusals = [target, ...addresses.map((address) => policy.judgeAddress(address))].flatMap((result) =>
      result.ok ? [] : [result.error],
    )
    const hasNoAddress = target.ok && !target.value.isLiteral && addresses.length === 0
    const isBlocked = refusals.length > 0 || hasNoAddress || row.redirectsTo !== undefined
    expect(isBlocked ? 'block' : 'allow').toBe(row.verdict)
    if (refusals[0] !== undefined) expect(refusals[0].rule).toBe(row.rule)
  })
})

describe('the connector', () => {
  let server: Server
  let location: string | undefined
  let requests = 0

  beforeAll(async () => {
    server = createServer((_request, response) => {
      requests++
      response.writeHead(location === undefined ? 204 : 302, location === undefined ? {} : { location }).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  afterAll(() => server.close())

  test.each(cases)('$id $url: $verdict, $why', async (row) => {
    const dialled: string[] = []
    const asked: string[] = []
    const resolver = async (name: string): Promise<readonly string[]> => {
      asked.push(name)
      return row.resolvesTo ?? []
    }
    const transport = createTransport({ policy, resolver, dialler: stubDialler(server, dialled) })
    location = row.redirectsTo
    requests = 0
    const { outcome, sent } = await transport.send(
      { method: 'POST', url: row.url, headers: {} },
      { constraint: constraintOf(row) },
    )
    await transport.close()

    if (row.resolvesTo === undefined) expect(asked).toEqual([])
    if (row.verdict === 'allow') {
      expect(outcome).toMatchObject({ kind: 'response', status: 204 })
      expect(dialled).toEqual(row.resolvesTo ?? [literalOf(row.url)])
      expect(requests).toBe(1)
    } else if (row.redirectsTo !== undefined) {
      expect(outcome).toMatchObject({ kind: 'response', status: 302 })
      expect([dialled, requests]).toEqual([row.resolvesTo, 1])
    } else {
      expect([dialled, requests, sent]).toEqual([[], 0, 'no'])
      expect(outcome.kind).toBe(row.rule === 'no-answer' ? 'failed' : 'refused')
    }
  })
})

function literalOf(url: string): string {
  return new URL(url).hostname.replace(/^\[|\]$/g, '')
}
