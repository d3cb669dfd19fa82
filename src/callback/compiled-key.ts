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

type Known = CompiledKey &
  Pick<ResolveOptions, 'multipartRoot' | 'repeatedParameters' | 'strictDeclared'> & { readonly tail: Tail }

const compiledKeys = new WeakMap<RequestPlan, Known[]>()

/** Each key is compiled once for the same options. */
export function compiledKey(
  template: KeyTemplate,
  plan: OperationPlan,
  { callback, key }: KeyPlan,
  request: RequestPlan,
  options: ResolveOptions,
): CompiledKey {
  const { multipartRoot, repeatedParameters, strictDeclared } = options
  const tail = typeof options.tail === 'function' ? options.tail({ callback, key }) : (options.tail ?? 'refuse')
  let known = compiledKeys.get(request)
  if (known === undefined) {
    known = []
    compiledKeys.set(request, known)
  }
  for (const one of known) {
    if (
      one.tail === tail &&
      one.multipartRoot === multipartRoot &&
      one.repeatedParameters === repeatedParameters &&
      one.strictDeclared === strictDeclared
    ) {
      return one
    }
  }
  const interpolation = interpolationFor(plan, request.server !== undefined, tail, options)
  const resolve = compile(template.template, interpolation)
  known.push({ interpolation, resolve, tail, multipartRoot, repeatedParameters, strictDeclared } as Known)
  return { interpolation, resolve }
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
