import { createServer } from 'node:http'
import { type TargetConstraint, targetConstraintOf } from 'ringback'
import { createTransport, publicInternet } from 'ringback/dispatcher'
import { parseTemplate } from 'ringback/expression'
import { stubDialler } from '../../test/support/stub-dialler.ts'
import type { Outcome } from './expression-row.ts'

/** A row of a URL-policy file; test/fixtures/conformance/README.md says what each member means. */
export interface UrlPolicyRow {
  readonly id: string
  readonly url: string
  readonly template?: string
  readonly resolvesTo?: readonly string[]
  readonly redirectsTo?: string
  readonly verdict: 'allow' | 'block'
}

const policy = publicInternet()

/** Runs the row twice: through the pure function, and through the connector with a stub resolver and a stub dialler. */
export async function runUrlPolicyRow(row: UrlPolicyRow): Promise<Outcome> {
  const constraint = constraintOf(row)
  const pure = judge(row, constraint)
  const connector = await connect(row, constraint)
  const expected = { verdict: row.verdict }
  return { expected, got: pure === connector ? { verdict: pure } : { verdict: { pure, connector } } }
}

function constraintOf({ template }: UrlPolicyRow): TargetConstraint {
  if (template === undefined) return {}
  return targetConstraintOf(
    parseTemplate(template).parts.map((part) =>
      part.kind === 'literal' ? { kind: 'literal', text: part.text } : { kind: 'hole' },
    ),
  )
}

/** A redirect is refused by never being followed, which only the connector can show. */
function judge(row: UrlPolicyRow, constraint: TargetConstraint): 'allow' | 'block' {
  const target = policy.judge(row.url, constraint)
  if (!target.ok || row.redirectsTo !== undefined) return 'block'
  if (target.value.isLiteral) return 'allow'
  const addresses = row.resolvesTo ?? []
  return addresses.length > 0 && addresses.every((address) => policy.judgeAddress(address).ok) ? 'allow' : 'block'
}

/** `allow`: it dialled the answered addresses or the literal, and nothing else. `block`: it dialled nothing, or (a redirect) once. */
async function connect(row: UrlPolicyRow, constraint: TargetConstraint): Promise<string> {
  let requests = 0
  const server = createServer((_request, response) => {
    requests++
    response
      .writeHead(row.redirectsTo === undefined ? 204 : 302, row.redirectsTo === undefined ? {} : { location: row.redirectsTo })
      .end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const dialled: string[] = []
  let asked = false
  const resolver = async (): Promise<readonly string[]> => {
    asked = true
    return row.resolvesTo ?? []
  }
  const transport = createTransport({ policy, resolver, dialler: stubDialler(server, dialled) })
  try {
    const { outcome } = await transport.send({ method: 'POST', url: row.url, headers: {} }, { constraint })
    if (asked && row.resolvesTo === undefined) return 'asked the resolver'
    if (row.redirectsTo !== undefined) return requests === 1 ? 'block' : `sent ${requests} requests`
    if (outcome.kind !== 'response') return dialled.length === 0 ? 'block' : `dialled ${dialled.join(', ')}`
    const meant = row.resolvesTo ?? [new URL(row.url).hostname.replace(/^\[|\]$/g, '')]
    return dialled.every((address) => meant.includes(address)) ? 'allow' : `dialled ${dialled.join(', ')}`
  } finally {
    await transport.close()
    server.close()
  }
}
