import type { Dialect } from './dialect.ts'
import { readExpression } from './grammar/index.ts'

/**
 * What one broken expression (without delimiters) was probably meant to be: it parses, or there is no answer. Every rewriting is one that
 * real documents need; which of them is right only the operation can tell, so a linter looks the result up before it calls it certain.
 */
export function repairExpression(text: string, dialect: Dialect): string | undefined {
  let current = text
  for (const rewrite of rewritingsOf(dialect)) {
    if (current !== text && parses(current, dialect)) return current
    current = rewrite(current) ?? current
  }
  return current !== text && parses(current, dialect) ? current : undefined
}

function parses(text: string, dialect: Dialect): boolean {
  return readExpression(text, dialect).findings.length === 0
}

type Rewriting = (text: string) => string | undefined

// In order: each sees what the ones before it made of the text.
const oas: readonly Rewriting[] = [
  trimmed,
  dollarAdded,
  preDraftIdentifier,
  misplacedRoot,
  sourceSpelling,
  bodyTail,
  nameEscapes,
  bracketedName,
  queryParameter,
]

function rewritingsOf(dialect: Dialect): readonly Rewriting[] {
  switch (dialect) {
    case 'draft2017':
      return [trimmed, dollarAdded, sourceSpelling, dottedBody, nameEscapes]
    case 'asyncapi':
    case 'asyncapi-2.0.0':
      return [trimmed, dollarAdded, messageSpelling]
    default:
      return dialect === 'oas3' ? oas : oas.filter((rewriting) => rewriting !== queryParameter)
  }
}

function trimmed(text: string): string {
  return text.trim()
}

function dollarAdded(text: string): string | undefined {
  if (/^(?:request|response|message)\./i.test(text) || /^(?:url|method|statusCode)$/i.test(text)) return `$${text}`
  return /^\$\$(?:request|response|message|url|method|statusCode)\b/i.test(text) ? text.slice(1) : undefined
}

/** Spellings of drafts before 3.0.0, and of habit. */
function preDraftIdentifier(text: string): string | undefined {
  const joined = /^\$(request|response)(Body|Header|Query|Path)s?(?=[.#/[(]|$)/i.exec(text)
  if (joined !== null) return `$${joined[1]}.${joined[2]?.toLowerCase()}${text.slice(joined[0].length)}`
  if (/^\$accepts?$/i.test(text)) return '$request.header.accept'
  if (/^\$contentType$/i.test(text)) return '$request.header.content-type'
  return /^\$status$/i.test(text) ? '$statusCode' : undefined
}

/** `$request.url` and its like: those stand at the root. */
function misplacedRoot(text: string): string | undefined {
  if (/^\$request\.url$/i.test(text)) return '$url'
  if (/^\$request\.method$/i.test(text)) return '$method'
  return /^\$response\.status(?:Code)?$/i.test(text) ? '$statusCode' : undefined
}

function sourceSpelling(text: string): string {
  return text
    .replace(/^(\$(?:request|response)\.)headers(?=[.[])/i, '$1header')
    .replace(/^(\$(?:request|response)\.)(?:queries|queryParams|queryParameters)(?=[.[])/i, '$1query')
    .replace(/^(\$(?:request|response)\.)(?:paths|pathParams|pathParameters)(?=[.[])/i, '$1path')
    .replace(/^(\$(?:request|response)\.)(?:request|response)Body(?=[.#/[(]|$)/i, '$1body')
}

/** Everything but `#` and a JSON Pointer that is written after `body`. */
function bodyTail(text: string): string | undefined {
  const body = /^\$(?:request|response)\.body/i.exec(text)
  if (body === null) return undefined
  const head = text.slice(0, body[0].length)
  const tail = text.slice(head.length)
  const pointer = pointerMeantBy(tail)
  return pointer === undefined ? undefined : `${head}${pointer === '' ? '' : `#${pointer}`}`
}

function pointerMeantBy(written: string): string | undefined {
  // White space, a dot or a slash before the hash.
  const tail = written.replace(/^\s*[./]?(?=#)|^\.(?=\/)/, '')
  if (/^\s*$/.test(tail)) return ''
  if (tail.startsWith('#/')) return escapedTildes(tail.slice(1))
  const inParentheses = /^\((\/[^()]*)\)$/.exec(tail)
  if (inParentheses?.[1] !== undefined) return escapedTildes(inParentheses[1])
  if (tail.startsWith('/')) return escapedTildes(tail)
  if (/^#?[.[]/.test(tail)) return pointerOfPath(tail.replace(/^#/, ''))
  return /^#[^#/\s]/.test(tail) ? escapedTildes(`/${tail.slice(1)}`) : undefined
}

/** `.a.b[2]` → `/a/b/2` */
function pointerOfPath(path: string): string | undefined {
  const steps = path.match(/\.[^.[\]]+|\[(?:\d+|'[^']*'|"[^"]*")\]/g)
  if (steps === null || steps.join('') !== path) return undefined
  return steps
    .map((step) => `/${escapedTildes(step.startsWith('.') ? step.slice(1) : step.slice(1, -1).replace(/^['"]|['"]$/g, ''))}`)
    .join('')
}

function escapedTildes(pointer: string): string {
  return pointer.replace(/~(?![01])/g, '~0')
}

function nameEscapes(text: string): string | undefined {
  const name = /^(\$(?:request|response)\.(?:query|path)\.)([\s\S]*)$/i.exec(text)
  if (name?.[2] === undefined) return undefined
  return (
    name[1] +
    name[2]
      .replace(/\\["\\/bfnrt]|\\u[0-9A-Fa-f]{4}|"/g, (found) => (found === '"' ? '\\"' : found))
      .replace(/[\u0000-\u001f]/g, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`)
  )
}

/** `$request.query[name]`, `$request.header['X-Name']` */
function bracketedName(text: string): string | undefined {
  const name = /^(\$(?:request|response)\.(?:query|path|header))\[(?:'([^']+)'|"([^"]+)"|([^\]'"]+))\]$/i.exec(text)
  return name === null ? undefined : `${name[1]}.${name[2] ?? name[3] ?? name[4]}`
}

/** `$callback_url`, the idiom of a much copied tutorial: a declared query parameter. */
function queryParameter(text: string): string | undefined {
  const name = /^\$([A-Za-z_][\w-]*)$/.exec(text)?.[1]
  return name === undefined || /^(?:ref$|self$|message$|request|response|url|method|statusCode)/i.test(name)
    ? undefined
    : `$request.query.${name}`
}

/** Into the draft of 2017: `#/a/0` → `.a[0]` */
function dottedBody(text: string): string | undefined {
  const body = /^(\$(?:request|response)\.body)#((?:\/[^/.[\]~]+)+)$/i.exec(text)
  if (body?.[2] === undefined) return undefined
  const steps = body[2].slice(1).split('/')
  return body[1] + steps.map((step) => (/^(?:0|[1-9]\d*)$/.test(step) ? `[${step}]` : `.${step}`)).join('')
}

function messageSpelling(text: string): string {
  return text
    .replace(/^\$message\.headers(?=#|$)/i, '$message.header')
    .replace(/^\$message\.body(?=#|$)/i, '$message.payload')
    .replace(/^(\$message\.(?:header|payload))[./](?=#)/i, '$1')
    .replace(/^(\$message\.(?:header|payload))#(?=[^/])/i, '$1#/')
}
