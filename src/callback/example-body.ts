import { type Content, child, members, type Operation } from '../openapi/index.ts'
import { SchemaInvalidError, sampleOf } from '../schema/index.ts'
import { err, ok, type Result } from '../util/index.ts'
import { validatorFor } from './body-errors.ts'
import { type ChosenContent, chooseContent } from './choose-content.ts'
import type { RequestProblem } from './request-problem.ts'

/** A body that the description gives as an example or, where it gives none, one that is made from the schema. */
export function exampleBody(
  operation: Operation,
  contents: readonly Content[],
  mediaType: string | undefined,
): Result<{ readonly chosen: ChosenContent; readonly body: unknown }, RequestProblem> {
  const asked = mediaType === undefined ? undefined : chooseContent(contents, undefined, mediaType)
  if (asked?.ok === false) return asked
  for (const content of asked === undefined ? contents : [asked.value.content]) {
    if (content === undefined) continue
    const body = exampleOf(operation, content)
    if (body === undefined) continue
    const chosen = asked ?? chooseContent([content], body.value, undefined)
    if (chosen.ok) return ok({ chosen: chosen.value, body: body.value })
  }
  const message =
    'Expected an example of the body, or a schema that one can be made from, but found none that fits. Give the body itself.'
  return err({ reason: 'no-example', message })
}

/** `undefined` when there is none that fits the schema. */
function exampleOf(operation: Operation, content: Content): { readonly value: unknown } | undefined {
  const { description } = operation
  try {
    for (const named of namedExamples(operation, content)) {
      if (content.schema === undefined || validatorFor(description, content.schema)(named.value).length === 0) return named
    }
    if (content.schema === undefined) return undefined
    // A schema that cannot be used is known by now.
    validatorFor(description, content.schema)
    return sampleOf(description, content.schema, 'request')
  } catch (error) {
    if (error instanceof SchemaInvalidError) return undefined
    throw error
  }
}

/** Media Type Object: `example`, and those of `examples` that have a value here. */
function* namedExamples({ description }: Operation, { at }: Content): Generator<{ readonly value: unknown }> {
  const own = child(at, 'example')
  if (own !== undefined) yield own
  for (const { at: one } of members(child(at, 'examples'))) {
    const example = description.resolve(one)
    const value = example.ok ? (child(example.value, 'dataValue') ?? child(example.value, 'value')) : undefined
    if (value !== undefined) yield value
  }
}
