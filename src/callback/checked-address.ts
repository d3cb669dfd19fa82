import { constraintBrokenBy, targetConstraintOf } from '../http/index.ts'
import { err, memo, ok, type Result } from '../util/index.ts'
import type { Address } from './address.ts'
import type { NoTarget } from './callback-target.ts'
import type { KeyTemplate } from './parse-key.ts'

const isShortUrl = memo((text) => URL.canParse(text), 200)

/** A subscriber gives the same URL again and again. */
function isUrl(text: string): boolean {
  return text.length <= 200 ? isShortUrl(text) : URL.canParse(text)
}

/** The address that the text of a key says. `server`: what relative ones are relative to. */
export function checkedAddress(text: string, key: KeyTemplate, server: string | undefined): Result<Address, NoTarget> {
  // WHATWG URL drops or mends these without a word.
  if (/[\u0000-\u0020\u007f\\]/.test(text)) {
    return err({ reason: 'not-a-url', message: 'The URL holds white space, a control character or a backslash.' })
  }
  if (/^https?:\/\//i.test(text)) {
    if (!isUrl(text)) return err({ reason: 'not-a-url', message: 'The text that the callback key gives is not a URL.' })
    const broken = key.fixesSomething ? constraintBrokenBy(new URL(text), key.constraint) : undefined
    if (broken === undefined) return ok({ url: text, constraint: key.fixesSomething ? key.constraint : undefined })
    return err({ reason: 'address-changed', message: `A value would change the ${broken} that the callback key spells out.` })
  }
  if (server === undefined) {
    const message =
      'The key gives no absolute http or https URL, and the callback has no "servers" of its own for a relative one.'
    return err({ reason: 'not-absolute', message })
  }
  const base = new URL(server)
  if (!URL.canParse(text, base.href))
    return err({ reason: 'not-a-url', message: 'The text that the callback key gives is not a URL.' })
  const url = new URL(text, base)
  // `//other.example/x` and `javascript:` are relative to nothing that the document says.
  if (url.origin !== base.origin || url.username !== '' || url.password !== '') {
    return err({ reason: 'address-changed', message: 'The URL leaves the server that the callback names.' })
  }
  return ok({ url: url.href, constraint: targetConstraintOf([{ kind: 'literal', text: `${base.origin}/` }]) })
}
