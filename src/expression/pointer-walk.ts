import type { PointerMiss } from './unresolved.ts'

/** A reference token made ready: as an array index where it is one (RFC 6901, section 4), else -1. */
export interface Step {
  readonly token: string
  readonly index: number
}

export function stepsOf(tokens: readonly (string | number)[]): readonly Step[] {
  return tokens.map((token) => {
    const text = String(token)
    const index = /^(?:0|[1-9]\d*)$/.test(text) ? Number(text) : -1
    return { token: text, index: Number.isSafeInteger(index) ? index : -1 }
  })
}

/** What a walk gives where the pointer names nothing: no value of a document is the same object. */
export const nowhere: unique symbol = Symbol('nowhere')

/** The value that the steps lead to: own members only, items by index only. */
export function walk(value: unknown, steps: readonly Step[]): unknown {
  let current = value
  for (let i = 0; i < steps.length; i++) {
    current = stepInto(current, steps[i] as Step)
    if (current === undefined) return nowhere
  }
  return current === undefined ? nowhere : current
}

function stepInto(value: unknown, { token, index }: Step): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  if (Array.isArray(value)) return index === -1 || index >= value.length ? undefined : (value[index] as unknown)
  return Object.hasOwn(value, token) ? (value as Record<string, unknown>)[token] : undefined
}

/** Where the same walk ended; call it only after `walk` found nothing. */
export function missOf(value: unknown, steps: readonly Step[]): PointerMiss {
  let current = value
  let depth = 0
  for (const step of steps) {
    const next = stepInto(current, step)
    if (next === undefined) break
    current = next
    depth++
  }
  const token = steps[depth]?.token ?? ''
  return Array.isArray(current) ? { token, depth, in: 'array', length: current.length } : { token, depth, in: kindOf(current) }
}

function kindOf(value: unknown): PointerMiss['in'] {
  if (value === null) return 'null'
  switch (typeof value) {
    case 'object':
      return 'object'
    case 'string':
      return 'string'
    case 'number':
      return 'number'
    case 'boolean':
      return 'boolean'
    default:
      return 'other'
  }
}
