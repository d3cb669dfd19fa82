import type { RequestProblem } from '../callback/index.ts'
import { type CallbackTarget, type RequestOptions, safeBuildCallbackRequest } from '../callback/index.ts'
import type { CallbackRequest } from '../http/index.ts'
import type { OpenApiDescription } from '../openapi/index.ts'
import { type Mutable, ok, type Result } from '../util/index.ts'
import type { CallbackContent } from './handler.ts'
import type { AnyOptions } from './options.ts'

export interface BuildOptions extends Pick<AnyOptions, 'validateOutgoing' | 'credentials'> {
  readonly description: OpenApiDescription
}

/** The request for a target. `warned`: what is wrong with it, where it is to be sent all the same. */
export function buildRequest(
  target: CallbackTarget,
  content: CallbackContent,
  { description, validateOutgoing = 'error', credentials }: BuildOptions,
): Result<{ readonly request: CallbackRequest; readonly warned: RequestProblem | undefined }, RequestProblem> {
  const { body, example, mediaType } = content
  const parameters = parametersOf(content)
  const options: Mutable<RequestOptions> = { description, parameters, validate: validateOutgoing !== 'off' }
  if (body !== undefined) options.body = body
  if (example === true) options.example = example
  if (mediaType !== undefined) options.mediaType = mediaType
  if (credentials !== undefined) options.credentials = credentials
  const built = safeBuildCallbackRequest(target, options)
  if (built.ok) return ok({ request: built.value, warned: undefined })
  const { reason } = built.error
  if (validateOutgoing !== 'warn' || (reason !== 'body-invalid' && reason !== 'schema-unusable')) return built
  const unchecked = safeBuildCallbackRequest(target, { ...options, validate: false })
  return unchecked.ok ? ok({ request: unchecked.value, warned: built.error }) : unchecked
}

const none = {}

function parametersOf({ query, header, cookie }: CallbackContent): Readonly<Record<string, unknown>> {
  if (query === undefined && header === undefined && cookie === undefined) return none
  const all: Record<string, unknown> = {}
  for (const [place, values] of Object.entries({ query, header, cookie })) {
    for (const [name, value] of Object.entries(values ?? {})) all[`${place}.${name}`] = value
  }
  return all
}
