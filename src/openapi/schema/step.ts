import type { OpenApiDescription } from '../description.ts'
import type { Located } from '../located.ts'
import { isRecord } from '../pointer.ts'
import { ownStep } from './own-step.ts'
import { derivedFrom, partsOf, type SchemaParts } from './parts.ts'
import { allOf, anyOf, type Shape, shapesWithin } from './shape.ts'
import type { Step } from './step-result.ts'

const silent: Step = { verdict: 'silent', demands: false }
const open: Step = { verdict: 'open', demands: false, why: 'open-schema' }
const tooLarge: Step = { verdict: 'open', demands: false, why: 'too-large' }

/** More schemas than one token of a sensible document leads through. */
const mostSchemas = 5_000
/** They pile up from token to token: what is known of a value is kept, and what its schemas say is added. */
const mostShapes = 4 * mostSchemas
const deepest = 500

/** Walks one token through a shape. Each schema and each shape is looked at once, so cycles and diamonds cost nothing. */
export class Stepper {
  readonly #description: OpenApiDescription
  readonly #token: string
  readonly #taken: Map<unknown, SchemaParts>
  readonly #known = new Map<unknown, Step>()
  #depth = 0
  #inDerived = false

  /** `taken`: schemas already taken apart, for the steppers of one pointer to share. */
  constructor(description: OpenApiDescription, token: string, taken: Map<unknown, SchemaParts>) {
    this.#description = description
    this.#token = token
    this.#taken = taken
  }

  step(shape: Shape): Step {
    const shapes = shapesWithin(shape)
    if (shapes.length > mostShapes) return tooLarge
    const steps = new Map<Shape, Step>()
    const known = (one: Shape): Step => steps.get(one) ?? silent
    for (const one of shapes) steps.set(one, this.#shape(one, known))
    return known(shape)
  }

  #shape(shape: Shape, known: (part: Shape) => Step): Step {
    switch (shape.kind) {
      case 'schema':
        return this.#schema(shape.at)
      case 'all':
        return together(shape.of.map(known))
      case 'any':
        return eitherOf(shape.of.map(known))
    }
  }

  #schema(schema: Located): Step {
    if (schema.value === false) return { verdict: 'missing', demands: false, parent: 'scalar' }
    const known = this.#known.get(schema.value)
    if (known !== undefined) return known
    if (this.#known.size >= mostSchemas || this.#depth >= deepest) return tooLarge
    // While it is open, a way back to it adds nothing.
    this.#known.set(schema.value, silent)
    this.#depth++
    const step = this.#parts(schema)
    this.#depth--
    this.#known.set(schema.value, step)
    return step
  }

  #parts(schema: Located): Step {
    const parts = this.#taken.get(schema.value) ?? partsOf(this.#description, schema)
    this.#taken.set(schema.value, parts)
    const steps: Step[] = []
    if (parts.failure !== undefined)
      steps.push({ verdict: 'open', demands: false, why: 'unresolved-reference', detail: parts.failure.message })
    if (parts.dynamic) steps.push({ verdict: 'open', demands: false, why: 'dynamic-reference' })
    if (parts.own !== undefined) steps.push(ownStep(parts.own, this.#token))
    for (const one of parts.all) steps.push(saysNothing(one) ? open : this.#schema(one))
    for (const group of parts.any) steps.push(eitherOf(group.map((one) => this.#schema(one))))
    for (const one of parts.perhaps) steps.push(perhaps(this.#schema(one)))
    const step = together(steps)
    return step.verdict === 'missing' && !this.#inDerived ? (this.#derived(schema) ?? step) : step
  }

  /** What stands in for a schema may know more. Whatever stands in for that is among them already. */
  #derived(schema: Located): Step | undefined {
    this.#inDerived = true
    const steps = derivedFrom(this.#description, schema).map((one) => this.#schema(one))
    this.#inDerived = false
    const known = steps.filter((step) => step.verdict === 'found' || step.verdict === 'open')
    return known.length === 0 ? undefined : perhaps(eitherOf(known))
  }
}

/** `{}` and `true` are put beside other schemas to leave them open. */
function saysNothing({ value }: Located): boolean {
  return value === true || (isRecord(value) && Object.keys(value).length === 0)
}

/** All of them hold: one that knows the token is enough. */
function together(steps: readonly Step[]): Step {
  const demands = steps.some((step) => step.demands)
  const found = steps.filter((step) => step.verdict === 'found')
  if (found.length > 0) {
    const sure = found.filter((step) => !step.maybe)
    const counted = sure.length > 0 ? sure : found
    const required = demands || counted.some((step) => step.required)
    return { verdict: 'found', demands, required, maybe: sure.length === 0, shape: allOf(counted.map((step) => step.shape)) }
  }
  const decided = steps.find((step) => step.verdict === 'open') ?? steps.find((step) => step.verdict === 'missing')
  return decided === undefined ? { verdict: 'silent', demands } : { ...decided, demands }
}

/** At least one of them holds, and nobody knows which. */
function eitherOf(steps: readonly Step[]): Step {
  const demands = steps.length > 0 && steps.every((step) => step.demands)
  const found = steps.filter((step) => step.verdict === 'found')
  if (found.length > 0) {
    const required = demands || steps.every((step) => step.verdict === 'found' && step.required)
    return {
      verdict: 'found',
      demands,
      required,
      maybe: found.every((step) => step.maybe),
      shape: anyOf(found.map((step) => step.shape)),
    }
  }
  const open = steps.find((step) => step.verdict === 'open')
  if (open !== undefined) return { ...open, demands }
  const missing = steps.find((step) => step.verdict === 'missing')
  return missing !== undefined && steps.every((step) => step.verdict === 'missing')
    ? { ...missing, demands }
    : { verdict: 'silent', demands }
}

/** It may hold: what it finds may be there, what it lacks means nothing. */
function perhaps(step: Step): Step {
  if (step.verdict === 'found') return { ...step, demands: false, required: false }
  return step.verdict === 'open' ? { ...step, demands: false } : silent
}
