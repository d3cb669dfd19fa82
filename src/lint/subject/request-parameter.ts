import {
  type Located,
  lookUpSchema,
  type OpenApiDescription,
  type Operation,
  type Parameter,
  parametersOf,
  type SchemaTraits,
  type SchemaVerdict,
  similarNames,
} from '../../openapi/index.ts'
import { apiKeysOf } from './api-keys.ts'
import type { Resolution } from './resolution.ts'

type Location = 'path' | 'query' | 'header'
type Declared = Extract<Resolution, { kind: 'found' | 'cannot-tell' | 'undeclared' }>

/** Header fields that OpenAPI does not let a Parameter Object declare (OAS, Parameter Object, `name`). */
const undeclarable = ['accept', 'content-type', 'authorization']

/**
 * What an operation says of a parameter of its requests by the name that it has there: a Parameter Object, a member of one that is
 * written as several parameters, or a key that a security scheme puts in.
 */
export function requestParameter(operation: Operation, location: Location, name: string): Declared {
  const { parameters, failures } = parametersOf(operation)
  const same = (one: string): boolean => (location === 'header' ? one.toLowerCase() === name.toLowerCase() : one === name)
  const found = parameters.find((one) => one.in === location && same(one.name))
  if (found !== undefined) return { kind: 'found', required: found.required, ...traitsAt(operation.description, found.schema) }
  if (location === 'header' && undeclarable.includes(name.toLowerCase())) return { kind: 'found', required: false }
  const security = location === 'path' ? undefined : apiKeysOf(operation)
  const key = security?.keys.find((one) => one.in === location && same(one.name))
  if (key !== undefined) return { kind: 'found', required: key.required }
  // Cookies have parameters and keys of their own, and travel in one field.
  const cookies = [...parameters, ...(security?.keys ?? [])].some((one) => one.in === 'cookie')
  if (location === 'header' && name.toLowerCase() === 'cookie' && cookies) return { kind: 'found', required: false }
  const member = location === 'query' ? memberOfParameter(operation.description, parameters, name) : undefined
  if (member?.kind === 'found' || member?.kind === 'cannot-tell') return member
  const failed = failures[0]?.ref ?? security?.failures[0]
  if (failed !== undefined) return { kind: 'cannot-tell', why: 'unresolved-reference', detail: failed }
  const declared = [
    ...parameters.filter((one) => one.in === location).map((one) => one.name),
    ...(security?.keys.filter((one) => one.in === location).map((one) => one.name) ?? []),
  ]
  const near = member?.didYouMean ?? []
  return {
    kind: 'undeclared',
    what: location === 'header' ? 'request-header' : location,
    name,
    didYouMean: near.length > 0 ? near : similarNames(declared, name, 3),
  }
}

/** What a schema says of a value as a whole. */
export function traitsAt(description: OpenApiDescription, schema: Located | undefined): { readonly traits?: SchemaTraits } {
  const verdict = schema && lookUpSchema(description, schema, [])
  return verdict?.kind === 'found' ? { traits: verdict } : {}
}

type Member =
  | Extract<Resolution, { kind: 'found' | 'cannot-tell' }>
  | { readonly kind: 'missing'; readonly didYouMean: readonly string[] }

/** An object may be written as one query parameter for each of its members (OAS, Style Values: `form` exploded, `deepObject`). */
function memberOfParameter(description: OpenApiDescription, parameters: readonly Parameter[], name: string): Member | undefined {
  const members = parameters.flatMap((parameter): Member[] => {
    // Any parameter may be in the one that stands for the whole query (OAS 3.2).
    if (parameter.in === 'querystring') return [{ kind: 'cannot-tell', why: 'open-schema' }]
    if (parameter.in !== 'query') return []
    const { style = 'form', explode = style === 'form' } = parameter.object.value as { style?: unknown; explode?: unknown }
    if (style === 'deepObject') return bracketed(description, parameter, name) ?? []
    const schema = style === 'form' && explode === true ? parameter.schema : undefined
    return schema === undefined ? [] : (exploded(description, parameter, schema, name) ?? [])
  })
  return (
    members.find(({ kind }) => kind === 'found') ??
    members.find(({ kind }) => kind === 'cannot-tell') ??
    members.find((one) => one.kind === 'missing' && one.didYouMean.length > 0)
  )
}

/** `filter[url]` */
function bracketed(description: OpenApiDescription, parameter: Parameter, name: string): Member[] | undefined {
  if (!name.startsWith(`${parameter.name}[`)) return undefined
  const brackets = name.slice(parameter.name.length)
  if (!/^(?:\[[^[\]]*\])+$/.test(brackets)) return undefined
  const tokens = brackets.slice(1, -1).split('][')
  if (parameter.schema === undefined) return [{ kind: 'cannot-tell', why: 'no-schema' }]
  const verdict = lookUpSchema(description, parameter.schema, tokens)
  if (verdict.kind !== 'missing') return [ofVerdict(verdict, parameter)]
  // OAS does not say how objects and arrays in such an object are written.
  if (tokens.length > 1) return [{ kind: 'cannot-tell', why: 'open-schema' }]
  return [{ kind: 'missing', didYouMean: verdict.didYouMean.map((pointer) => `${parameter.name}[${pointer.slice(1)}]`) }]
}

/** `url`, of an object whose own name does not appear. */
function exploded(description: OpenApiDescription, parameter: Parameter, schema: Located, name: string): Member[] | undefined {
  const verdict = lookUpSchema(description, schema, [name])
  if (verdict.kind === 'missing') {
    // The names of what was looked for, not those of properties far inside.
    const near = verdict.didYouMean.flatMap((pointer) => (pointer.lastIndexOf('/') === 0 ? [pointer.slice(1)] : []))
    return verdict.parent === 'object' ? [{ kind: 'missing', didYouMean: near }] : undefined
  }
  // How content is written is up to its media type: whether its members become parameters nobody can tell.
  if (verdict.kind === 'found' && parameter.contents.length > 0) return [{ kind: 'cannot-tell', why: 'media-type' }]
  if (verdict.kind === 'cannot-tell' && verdict.why === 'open-schema' && !mayBeObject(description, schema)) return undefined
  return [ofVerdict(verdict, parameter)]
}

const annotations = /^(?:title|description|deprecated|nullable|readOnly|writeOnly|externalDocs|\$comment|x-.*)$/

/** A schema that says nothing at all, or that its value is an object. One with `enum` or `format` alone is about a text. */
function mayBeObject(description: OpenApiDescription, schema: Located): boolean {
  const target = description.resolve(schema)
  const value = target.ok ? target.value.value : undefined
  const isEmpty =
    value === true || (typeof value === 'object' && value !== null && Object.keys(value).every((key) => annotations.test(key)))
  return isEmpty || (traitsAt(description, schema).traits?.types.includes('object') ?? false)
}

function ofVerdict(verdict: Exclude<SchemaVerdict, { kind: 'missing' }>, parameter: Parameter): Member {
  if (verdict.kind === 'found') return { kind: 'found', required: parameter.required && verdict.required, traits: verdict }
  return { kind: 'cannot-tell', why: verdict.why, ...(verdict.detail === undefined ? {} : { detail: verdict.detail }) }
}
