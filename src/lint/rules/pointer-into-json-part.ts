import type { Rule } from '../rule.ts'
import { isInJsonPart } from './json-part.ts'
import { didYouMean, inUse, wholeWith } from './support.ts'

/** In a multipart body the first token is the name of a part. 3GPP leaves it out and means the part with JSON. */
export const pointerIntoJsonPart: Rule = {
  name: 'pointer-into-json-part',
  summary: 'A JSON Pointer into a multipart body lacks the name of the part that has the JSON.',
  group: 'semantics',
  severity: 'error',
  fixable: false,
  *use(use) {
    const { resolution, text } = use
    if (resolution?.kind !== 'missing' || !isInJsonPart(resolution)) return
    const [first] = resolution.didYouMean
    yield inUse(
      use,
      `The body is ${resolution.mediaType}: a JSON Pointer into it starts with the name of a part.${didYouMean(resolution.didYouMean.map((one) => `#${one}`))}`,
      {
        start: text.indexOf('#') + 1,
        end: text.length,
        ...(first === undefined ? {} : { suggestion: wholeWith(use, `${text.slice(0, text.indexOf('#'))}#${first}`) }),
      },
    )
  },
}
