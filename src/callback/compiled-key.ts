import { type CompiledTemplate, compile, type DeclaredParameters, type InterpolateOptions } from '../expression/index.ts'
import { type Operation, parametersOf } from '../openapi/index.ts'
import type { KeyTemplate } from './parse-key.ts'
import type { KeyPlan, OperationPlan, RequestPlan } from './plan.ts'
import type { ResolveOptions } from './resolve-options.ts'

export interface Interpolation {
  readonly options: InterpolateOptions
  /** Equal for equal options. */
  readonly signature: string
}

/** How the values of an exchange become part of a callback's URL. */
export function interpolationFor(
  plan: OperationPlan,
  { callback, key }: KeyPlan,
  { server }: RequestPlan,
  options: ResolveOptions,
): Interpolation {
  const { multipartRoot, repeatedParameters, strictDeclared = false } = options
  const tail = typeof options.tail === 'function' ? options.tail({ callback, key }) : (options.tail ?? 'refuse')
  const allowRelative = server !== undefined
  const strictFor = strictDeclared ? plan.reference.pointer : ''
  return {
    signature: JSON.stringify([tail, allowRelative, strictFor, multipartRoot, repeatedParameters]),
    options: {
      encode: 'url',
      tail,
      allowRelative,
      ...(multipartRoot === undefined ? {} : { multipartRoot }),
      ...(repeatedParameters === undefined ? {} : { repeatedParameters }),
      ...(strictDeclared ? { strictDeclared: declaredBy(plan.operation) } : {}),
    },
  }
}

const compiledKeys = new WeakMap<KeyTemplate, Map<string, CompiledTemplate>>()

/** Each key is compiled once for the same options. */
export function compiledKey(key: KeyTemplate, { options, signature }: Interpolation): CompiledTemplate {
  let known = compiledKeys.get(key)
  if (known === undefined) {
    known = new Map()
    compiledKeys.set(key, known)
  }
  let compiled = known.get(signature)
  if (compiled === undefined) {
    compiled = compile(key.template, options)
    known.set(signature, compiled)
  }
  return compiled
}

const declared = new WeakMap<Operation, DeclaredParameters>()

function declaredBy(operation: Operation): DeclaredParameters {
  let names = declared.get(operation)
  if (names === undefined) {
    const { parameters } = parametersOf(operation)
    const of = (location: string): string[] => parameters.filter((one) => one.in === location).map(({ name }) => name)
    names = { query: of('query'), path: of('path'), header: of('header') }
    declared.set(operation, names)
  }
  return names
}
