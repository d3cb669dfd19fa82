import { type Content, child, isRecord, type Operation } from '../openapi/index.ts'
import { sampleOf } from '../schema/index.ts'
import { err, ok, type Result } from '../util/index.ts'
import { type ChosenContent, chooseContent, formatOf } from './choose-content.ts'
import type { RequestProblem } from './request-problem.ts'

/** A body that the description gives as an example or, where it gives none, one that is made from the schema. */
export function exampleBody(
  operation: Operation,
  contents: readonly Content[],
  mediaType: string | undefined,
): Result<{ readonly chosen: ChosenContent; readonly body: unknown }, RequestProblem> {
  for (const content of contents) {
    if (mediaType !== undefined) break
    const tried = exampleOf(operation, content)
    if (tried === undefined) continue
    const chosen = chooseContent([content], tried.body, undefined)
    if (chosen.ok) return ok({ chosen: chosen.value, body: tried.body })
  }
  if (mediaType !== undefined) {
    const chosen = chooseContent(contents, undefined, mediaType)
    if (!chosen.ok) return chosen
    const tried = chosen.value.content && exampleOf(operation, chosen.value.content)
    if (tried !== undefined) return ok({ chosen: chosen.value, body: tried.body })
  }
  return err({
    reason: 'no-example',
    message: 'Expected an example of the body, or a schema to make one from, but found neither.',
  })
}

function exampleOf(operation: Operation, content: Content): { readonly body: unknown } | undefined {
  const named = namedExample(operation, content)
  if (named !== undefined) return named
  if (content.schema === undefined) return undefined
  const sample = sampleOf(operation.description, content.schema, 'request')
  if (sample === undefined) return undefined
  const isText = formatOf(content.mediaType) !== 'json' && typeof sample.value === 'string'
  return { body: isText ? sample.value : sample.value }
}

/** Media Type Object: `example`, else the first of `examples` that has a value here. */
function namedExample({ description }: Operation, { at }: Content): { readonly body: unknown } | undefined {
  const own = child(at, 'example')
  if (own !== undefined) return { body: own.value }
  const examples = child(at, 'examples')
  if (examples === undefined || !isRecord(examples.value)) return undefined
  for (const name of Object.keys(examples.value)) {
    const one = child(examples, name)
    const example = one && description.resolve(one)
    const value = example?.ok ? (child(example.value, 'dataValue') ?? child(example.value, 'value')) : undefined
    if (value !== undefined) return { body: value.value }
  }
  return undefined
}
