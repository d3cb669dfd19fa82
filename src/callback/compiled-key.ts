import { type CompiledTemplate, compile, type DeclaredParameters, type InterpolateOptions } from '../expression/index.ts'
import { type Operation, parametersOf } from '../openapi/index.ts'
import type { KeyTemplate } from './parse-key.ts'
import type { KeyPlan, OperationPlan, RequestPlan } from './plan.ts'
import type { ResolveOptions, Tail } from './resolve-options.ts'

/** How the values of an exchange become part of a callback's URL, and the key compiled for that. */
export interface CompiledKey {
  readonly interpolation: InterpolateOptions
  readonly resolve: CompiledTemplate
}

const compiledKeys = new WeakMap<KeyTemplate, Map<string, CompiledKey>>()

/** Each key is compiled once for the same options. */
export function compiledKey(
  template: KeyTemplate,
  plan: OperationPlan,
  { callback, key }: KeyPlan,
  { server }: RequestPlan,
  options: ResolveOptions,
): CompiledKey {
  const tail = typeof options.tail === 'function' ? options.tail({ callback, key }) : (options.tail ?? 'refuse')
  const strictFor = options.strictDeclared === true ? plan.reference.pointer : ''
  const signature = `${tail} ${server === undefined} ${options.repeatedParameters} ${options.multipartRoot} ${strictFor}`
  let known = compiledKeys.get(template)
  if (known === undefined) {
    known = new Map()
    compiledKeys.set(template, known)
  }
  let compiled = known.get(signature)
  if (compiled === undefined) {
    const interpolation = interpolationFor(plan, server !== undefined, tail, options)
    compiled = { interpolation, resolve: compile(template.template, interpolation) }
    known.set(signature, compiled)
  }
  return compiled
}

function interpolationFor(
  plan: OperationPlan,
  allowRelative: boolean,
  tail: Tail,
  { multipartRoot, repeatedParameters, strictDeclared = false }: ResolveOptions,
): InterpolateOptions {
  return {
    encode: 'url',
    tail,
    allowRelative,
    ...(multipartRoot === undefined ? {} : { multipartRoot }),
    ...(repeatedParameters === undefined ? {} : { repeatedParameters }),
    ...(strictDeclared ? { strictDeclared: declaredBy(plan.operation) } : {}),
  }
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
