/**
 * What a callback key fixes about the address of its target, whatever the values of its expressions are. Plain JSON data, so that it can
 * be stored with a callback target and judged days later by the URL policy.
 */
export interface TargetConstraint {
  /** The scheme that the key spells out. */
  readonly scheme?: 'http' | 'https'
  readonly authority?: AuthorityConstraint
}

export type AuthorityConstraint =
  /** The key spells out the whole authority: values may only add a path, a query or a fragment. */
  | { readonly kind: 'exact'; readonly host: string; readonly port: PortConstraint }
  /** An expression stands in the host, with literal text behind it: the host begins with `prefix` and ends with `suffix`. */
  | { readonly kind: 'suffix'; readonly prefix: string; readonly suffix: string; readonly port: PortConstraint }

/** A port number as a URL prints it, `''` for the default of the scheme, or `any` when an expression stands where the port is. */
export type PortConstraint = string

/** A piece of a callback key: literal text, or a place where a value will stand. */
export type TemplatePart = { readonly kind: 'literal'; readonly text: string } | { readonly kind: 'hole' }

/**
 * Reduces a callback key to what it fixes. `https://a.example{$request.body#/path}` fixes the whole authority: a value glued to a literal
 * host may only begin a path. A key that starts with an expression and spells no `://` fixes nothing.
 */
export function targetConstraintOf(parts: readonly TemplatePart[]): TargetConstraint {
  const head = splitAtAuthority(parts)
  if (head === undefined) return {}
  const authority = authorityConstraintOf(head.authority, head.scheme)
  return {
    ...(head.scheme === undefined ? {} : { scheme: head.scheme }),
    ...(authority === undefined ? {} : { authority }),
  }
}

interface Head {
  readonly scheme: 'http' | 'https' | undefined
  /** The parts between `//` and the first literal `/`, `?` or `#`, or the end. */
  readonly authority: readonly TemplatePart[]
}

function splitAtAuthority(parts: readonly TemplatePart[]): Head | undefined {
  const at = parts.findIndex((part) => part.kind === 'literal' && /[/?#]/.test(part.text))
  const part = parts[at]
  if (part === undefined || part.kind !== 'literal') return undefined
  const delimiter = part.text.search(/[/?#]/)
  if (part.text.slice(delimiter - 1, delimiter + 2) !== '://') return undefined
  const spelled = at === 0 ? part.text.slice(0, delimiter - 1).toLowerCase() : undefined
  const scheme = spelled === 'http' || spelled === 'https' ? spelled : undefined
  const rest: TemplatePart[] = [{ kind: 'literal', text: part.text.slice(delimiter + 2) }, ...parts.slice(at + 1)]
  return { scheme, authority: untilDelimiter(rest) }
}

function untilDelimiter(parts: readonly TemplatePart[]): readonly TemplatePart[] {
  const authority: TemplatePart[] = []
  for (const part of parts) {
    const end = part.kind === 'literal' ? part.text.search(/[/?#]/) : -1
    if (part.kind === 'literal' && end !== -1) {
      if (end > 0) authority.push({ kind: 'literal', text: part.text.slice(0, end) })
      break
    }
    if (part.kind === 'hole' || part.text !== '') authority.push(part)
  }
  return authority
}

function authorityConstraintOf(parts: readonly TemplatePart[], scheme: Head['scheme']): AuthorityConstraint | undefined {
  // A value at the end of the authority may begin the path (or give the port after a literal colon), but never extend the host.
  const lastLiteral = parts.findLastIndex((part) => part.kind === 'literal')
  if (lastLiteral === -1) return undefined
  const kept = parts.slice(0, lastLiteral + 1)
  const first = kept[0]
  const last = kept[lastLiteral]
  if (last === undefined || last.kind !== 'literal') return undefined
  const portIsOpen = lastLiteral < parts.length - 1 && last.text.endsWith(':')
  const { host, port } = splitPort(portIsOpen ? last.text.slice(0, -1) : last.text, scheme)
  const asked = portIsOpen ? 'any' : port
  if (lastLiteral === 0) return { kind: 'exact', host: normalHost(host), port: asked }
  const prefix = first?.kind === 'literal' ? first.text.toLowerCase() : ''
  return { kind: 'suffix', prefix, suffix: normalSuffix(host), port: asked }
}

function splitPort(text: string, scheme: Head['scheme']): { host: string; port: PortConstraint } {
  const match = /^(.*):(\d*)$/s.exec(text)
  const host = match?.[1]
  const digits = match?.[2]
  // The colons of `[::1]` are no port.
  if (host === undefined || digits === undefined || (host.includes('[') && !host.endsWith(']'))) return { host: text, port: '' }
  const port = digits.replace(/^0+(?=\d)/, '')
  const isDefault = (scheme === 'http' && port === '80') || (scheme === 'https' && port === '443')
  return { host, port: isDefault ? '' : port }
}

/** As WHATWG URL prints it. Text that is no host is kept as it is: no URL will equal it, so every value is refused. */
function normalHost(host: string): string {
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : host
}

function normalSuffix(suffix: string): string {
  if (!suffix.startsWith('.')) return suffix.toLowerCase()
  const host = normalHost(`x${suffix}`)
  return host.startsWith('x.') ? host.slice(1) : suffix.toLowerCase()
}
