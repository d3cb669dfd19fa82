import { compile, type TemplateFailure } from '../expression/index.ts'
import { err, type Result } from '../util/index.ts'
import type { Address } from './address.ts'
import type { NoTarget } from './callback-target.ts'
import { checkedAddress } from './checked-address.ts'
import { compiledKey } from './compiled-key.ts'
import { fanOutOf } from './fan-out.ts'
import { noTargetFor } from './no-target.ts'
import { pathValuesFor, withStyledValues } from './path-values.ts'
import type { KeyPlan, OperationPlan, RequestPlan } from './plan.ts'
import { defaultMaxFanOut, type ResolveOptions, type SomeExchange } from './resolve-options.ts'

/** Where one key leads in one exchange: to one address or, with `fanOut`, to several. Never empty. */
export function resolveKey(
  plan: OperationPlan,
  key: KeyPlan,
  request: RequestPlan,
  exchange: SomeExchange,
  options: ResolveOptions,
): readonly Result<Address, NoTarget>[] {
  const { parsed } = key
  const used = parsed.ok ? parsed.value : options.repair === true ? parsed.error.repaired : undefined
  if (used === undefined) return parsed.ok ? [] : [err(parsed.error.broken)]
  if (used.neverResolves !== undefined) return [err(noTargetFor(used.neverResolves, used))]
  if (used.readsResponse && (exchange.response === undefined || exchange.response === null)) {
    return [err({ reason: 'needs-response', message: 'The key reads the response, which is not known yet.' })]
  }
  const { interpolation, resolve } = compiledKey(used, plan, key, request, options)
  const params = pathValuesFor(used.reads.parameters, request.pathValues, options.params)
  const styled = used.reads.parameters.length === 0 ? undefined : withStyledValues(used.template, request.pathValues, params)
  const template = styled ?? used.template
  const addressed = (text: Result<string, TemplateFailure>): Result<Address, NoTarget> =>
    text.ok ? checkedAddress(text.value, used, request.server) : err(noTargetFor(text.error, used))

  const text = (styled === undefined ? resolve : compile(styled, interpolation))(exchange, params)
  const fan = text.ok || options.fanOut !== true ? undefined : fanOutOf(template, text.error, exchange, interpolation)
  if (fan === undefined) return [addressed(text)]
  const { length } = fan.values
  if (length === 0) return [err({ reason: 'absent', message: 'The array of URLs is empty.' })]
  const most = options.maxFanOut ?? defaultMaxFanOut
  if (!(length <= most)) {
    return [err({ reason: 'too-many', message: `The array has ${length} items, and at most ${most} are called ("maxFanOut").` })]
  }
  const one = compile(fan.template, interpolation)
  return fan.values.map((value, fanOut) => {
    const address = addressed(one(exchange, { ...params, [fan.name]: value as string }))
    return address.ok ? { ok: true, value: { ...address.value, fanOut } } : address
  })
}
