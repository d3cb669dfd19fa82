import { createRequire } from 'node:module'
import type { Ajv, ErrorObject, Options } from 'ajv'
import type { FormatsPlugin } from 'ajv-formats'
import { assertNever } from '../util/index.ts'
import { dialectOf } from './dialect.ts'
import { spendSteps, TooMuchEffort, withEffort } from './effort.ts'
import { normalize } from './normalize.ts'
import { boundedPattern, PatternTimeout } from './pattern.ts'
import { SchemaInvalidError } from './schema-error.ts'
import { limitWork, stepsKeyword } from './schema-work.ts'
import { areUnique } from './unique-items.ts'
import type { Dialect, SchemaError, Validator } from './validator.ts'

export interface SchemaOptions {
  /** For a schema without `$schema`; default `2020-12`. */
  readonly dialect?: Dialect
}

/** Compiled schemas that are kept for the next one that asks, the newest. */
const maxCompiled = 200
const compiled = new Map<string, Validator>()

/**
 * A validator for one schema. Nothing is fetched: a `$ref` out of the schema is an error. Rejects with `SchemaInvalidError`.
 * The validator library is loaded when the first schema comes.
 */
export async function compileSchema(schema: unknown, options: SchemaOptions = {}): Promise<Validator> {
  return compileSchemaSync(schema, options)
}

/** The same, at once. Throws `SchemaInvalidError`. */
export function compileSchemaSync(schema: unknown, options: SchemaOptions = {}): Validator {
  const dialect = dialectOf(schema, options.dialect ?? '2020-12')
  const { validatorFor, isFormat } = engine(dialect)
  const plain = normalize(schema, dialect, isFormat)
  const key = `${dialect} ${JSON.stringify(plain)}`
  const known = compiled.get(key)
  if (known !== undefined) return known
  limitWork(plain, dialect)
  const validator = validatorFor(plain)
  compiled.set(key, validator)
  for (const oldest of compiled.keys()) {
    if (compiled.size <= maxCompiled) break
    compiled.delete(oldest)
  }
  return validator
}

interface Engine {
  validatorFor(schema: unknown): Validator
  isFormat(name: string): boolean
}

type Draft = 'draft-07' | '2019-09' | '2020-12'

const engines = new Map<Draft, Engine>()

function engine(dialect: Dialect): Engine {
  const draft = dialect === '2019-09' || dialect === '2020-12' ? dialect : 'draft-07'
  let known = engines.get(draft)
  if (known === undefined) {
    known = loadEngine(draft)
    engines.set(draft, known)
  }
  return known
}

function loadEngine(draft: Draft): Engine {
  const { Validators, formats } = load(draft)
  function create(options: Options): Ajv {
    const ajv = formats(new Validators({ ...base, ...options }), { mode: 'fast' })
    ajv.removeKeyword('uniqueItems')
    ajv.addKeyword({
      keyword: stepsKeyword,
      schemaType: 'number',
      // The first of all references that the draft knows, so that the steps are spent before one is followed.
      before: draft === 'draft-07' ? '$ref' : '$dynamicRef',
      errors: false,
      validate: (count: number) => {
        spendSteps(count)
        return true
      },
    })
    return ajv.addKeyword({
      keyword: 'uniqueItems',
      type: 'array',
      schemaType: 'boolean',
      validate: (wanted: boolean, items: unknown[]) => !wanted || areUnique(items),
      error: { message: 'must not have equal items' },
    })
  }

  // One instance knows the meta-schema; each schema gets an instance of its own, or two with the same $id would meet.
  const meta = create({})

  return {
    isFormat: (name) => Object.hasOwn(meta.formats, name),
    validatorFor(schema) {
      if (meta.validateSchema(schema as object) !== true) {
        const [first] = plainErrors(meta.errors)
        throw new SchemaInvalidError(
          `#${first?.pointer ?? ''}`,
          `Expected a valid schema but at #${first?.pointer ?? ''} it ${first?.message ?? 'is not'}`,
        )
      }
      const check = compile(create({ meta: false, validateSchema: false }), schema)
      let checkAll: typeof check | undefined
      return (value) => {
        try {
          if (withEffort(() => check(value)) === true) return []
          if (!isSmall(value)) return plainErrors(check.errors)
          // Every error costs memory, so that all of them are collected for small values only.
          checkAll ??= compile(create({ meta: false, validateSchema: false, allErrors: true }), schema)
          const all = checkAll
          withEffort(() => all(value))
          return plainErrors(all.errors)
        } catch (error) {
          return [{ pointer: '', schemaPointer: '#', message: uncheckable(error) }]
        }
      }
    },
  }
}

const base: Options = {
  strict: false,
  logger: false,
  validateFormats: true,
  // What every object inherits is no property of a value.
  ownProperties: true,
  // A large schema that is written into each of many places takes minutes to compile.
  inlineRefs: 20,
  code: { regExp: Object.assign(boundedPattern, { code: 'boundedPattern' }) },
}

// Loaded when it is needed, and without waiting: planning a request is no reason to be asynchronous.
function load(draft: Draft): { readonly Validators: typeof Ajv; readonly formats: FormatsPlugin } {
  // Not before: the modules of a worker have no address.
  const require = createRequire(import.meta.url)
  const { default: formats } = require('ajv-formats') as { readonly default: FormatsPlugin }
  return { Validators: (loadDraft(draft, require) as { readonly default: typeof Ajv }).default, formats }
}

function loadDraft(draft: Draft, require: (id: string) => unknown): unknown {
  switch (draft) {
    case 'draft-07':
      return require('ajv')
    case '2019-09':
      return require('ajv/dist/2019.js')
    case '2020-12':
      return require('ajv/dist/2020.js')
    default:
      return assertNever(draft)
  }
}

interface Check {
  (value: unknown): unknown
  errors?: null | ErrorObject[]
}

function compile(ajv: Ajv, schema: unknown): Check {
  try {
    const check = ajv.compile(schema as object)
    // Its answer would be a promise, and its "no" an unhandled rejection. Normalising leaves no such schema.
    if ('$async' in check) throw new Error('an asynchronous schema')
    return check
  } catch (error) {
    const { missingRef, message } = error as { missingRef?: string; message?: string }
    const found =
      missingRef === undefined ? (message ?? 'an unknown fault') : `a $ref that leads nowhere: ${missingRef.slice(0, 200)}`
    throw new SchemaInvalidError('#', `Expected a schema that can be compiled but found ${found}`, { cause: error })
  }
}

function plainErrors(errors: readonly ErrorObject[] | null | undefined): readonly SchemaError[] {
  return (errors ?? []).map(({ instancePath, schemaPath, keyword, message, params }) => ({
    pointer: instancePath,
    schemaPointer: schemaPath,
    message:
      keyword === 'additionalProperties'
        ? `must not have the property ${quoted(params.additionalProperty)}`
        : (message ?? `breaks ${keyword}`),
  }))
}

function quoted(name: unknown): string {
  const text = String(name)
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
}

function uncheckable(error: unknown): string {
  if (error instanceof PatternTimeout) return 'has text for which a pattern of the schema takes too long'
  if (error instanceof TooMuchEffort) return 'takes too long to be checked, because of how the schema refers to itself'
  if (error instanceof RangeError) return 'is nested too deeply to be checked'
  throw error
}

/** At most a thousand values. */
function isSmall(value: unknown): boolean {
  let left = 1000
  const pending = [value]
  while (pending.length > 0) {
    const next = pending.pop()
    if (--left < 0) return false
    if (typeof next !== 'object' || next === null) continue
    const children = Object.values(next)
    if (children.length > left) return false
    pending.push(...children)
  }
  return true
}
