import type { Subject } from './subject.ts'

/** Whether what a text was mended to also makes sense: every expression in it reads something that the operation declares. */
export function isCertain({ mended, uses, text }: Subject): boolean {
  return (
    mended !== undefined &&
    uses.length > 0 &&
    uses.every(
      ({ resolution, start, end }) =>
        resolution?.kind === 'found' ||
        // `$request.url` may be `$url`, or a parameter of that name.
        (resolution?.kind === 'own' && !/^\s*\$?(?:request|response)\b/i.test(text.slice(start, end))),
    )
  )
}

/** Whether a broken value of a link was certainly meant as an expression: it begins as one does, up to the dot. */
export function isMeantAsExpression({ text }: Subject): boolean {
  return (
    /^\$(?:(?:request|response)(?:[.#/[]|$)|(?:url|method|statusCode)\b)/i.test(text) ||
    /\{\$(?:request|response)[.#/[]/i.test(text)
  )
}
