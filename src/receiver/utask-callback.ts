import type { UtaskCall } from './call.ts'
import type { Receiver } from './callback-receiver.ts'
import { jsonSchemaOf } from './schema.ts'

export interface UtaskAction {
  /** `create` or `wait`, in any case. */
  readonly action: string
  /** Of `create`: a JSON Schema, or its text. */
  readonly schema?: object | string
  /** Of `wait`. */
  readonly id?: string
}

/** What `create` puts out. */
export interface UtaskCreated {
  readonly id: string
  readonly url: string
  readonly token: string
  /** With its `$schema`; absent when none was given. */
  readonly schema: object | undefined
}

/** The actions of uTask's `callback` plug-in, by their own names. */
export interface UtaskCallback {
  /** Throws `TypeError` with uTask's words for an action it does not know, or a `wait` without an id. */
  validate(step: UtaskAction): void
  /** `wait` does not consume the call: every wait for an id gives the same. */
  run(step: UtaskAction): Promise<UtaskCreated | UtaskCall>
}

/** A local double of uTask's `callback` plug-in; best with a receiver of the profile `utask`. */
export function utaskCallback(receiver: Receiver): UtaskCallback {
  function validate({ action, id }: UtaskAction): void {
    const name = String(action).toLowerCase()
    if (name !== 'create' && name !== 'wait') throw new TypeError(`invalid action "${action}"`)
    if (name === 'wait' && !id) throw new TypeError('missing "id" parameter')
  }

  return {
    validate,
    async run(step) {
      validate(step)
      if (step.action.toLowerCase() === 'wait') {
        const endpoint = await receiver.open(step.id ?? '')
        return (await endpoint.next({ waiter: 'utask' })).toUtask()
      }
      const schema = step.schema === undefined || step.schema === '' ? undefined : withDialect(jsonSchemaOf(step.schema))
      const endpoint = await receiver.create(schema === undefined ? {} : { schema })
      const { id, url } = endpoint
      return { id, url, token: new URL(url).searchParams.get('t') ?? '', schema }
    },
  }
}

const drafts: Readonly<Record<string, string>> = { 4: 'draft-04', 6: 'draft-06', 7: 'draft-07' }

/** `$schema` if there is one, else the draft that `version` (4, 6 or 7) names, else draft 7. */
function withDialect(schema: unknown): object {
  if (typeof schema !== 'object' || schema === null) throw new TypeError('Expected schema to be an object')
  if ('$schema' in schema) return schema
  const { version, ...rest } = schema as { version?: unknown }
  const draft = typeof version === 'number' || typeof version === 'string' ? drafts[version] : undefined
  return { $schema: `http://json-schema.org/${draft ?? 'draft-07'}/schema#`, ...(draft === undefined ? schema : rest) }
}
