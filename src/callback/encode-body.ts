import { err, ok, type Result, utf8 } from '../util/index.ts'
import { type ChosenContent, carries, kindOf } from './choose-content.ts'
import { encodeFormBody } from './encode-form.ts'
import { encodeMultipart } from './encode-multipart.ts'
import type { EncodedBody } from './encoded-body.ts'
import { jsonText } from './json-text.ts'
import { isFieldValue } from './request-parameters.ts'
import type { RequestProblem } from './request-problem.ts'

/** The bytes of a body. Bytes are taken for a body that is written already. `seed` makes the boundary of a multipart body. */
export function encodeBody(chosen: ChosenContent, body: unknown, seed: string): Result<EncodedBody, RequestProblem> {
  const { mediaType, format, content } = chosen
  if (!isFieldValue(mediaType)) return err(notEncodable(JSON.stringify(mediaType), 'cannot be named in a header field'))
  if (body instanceof Uint8Array) return ok({ bytes: body.slice(), contentType: mediaType })
  if (!carries(format, body)) return err(notEncodable(mediaType, `cannot be written from ${kindOf(body)}`))
  switch (format) {
    case 'json': {
      const text = jsonText(body)
      return text === undefined
        ? err(notEncodable(mediaType, 'cannot be written from a value that JSON does not have'))
        : ok({ bytes: utf8(text), contentType: mediaType, text })
    }
    case 'form': {
      const text = encodeFormBody(body as object, content?.at)
      return text === undefined
        ? err(notEncodable(mediaType, 'cannot be written from these values: a style in "encoding" has no form for one'))
        : ok({ bytes: utf8(text), contentType: mediaType })
    }
    case 'multipart': {
      const encoded = encodeMultipart(body as object, content?.at, mediaType, seed)
      return encoded === undefined ? err(notEncodable(mediaType, 'cannot be written from these parts')) : ok(encoded)
    }
    case 'text':
      return ok({
        bytes: utf8(String(body)),
        contentType: /;\s*charset=/i.test(mediaType) ? mediaType : `${mediaType};charset=utf-8`,
      })
    case 'xml':
    case 'bytes':
      return ok({ bytes: utf8(String(body)), contentType: mediaType })
  }
}

function notEncodable(mediaType: string, why: string): RequestProblem {
  return { reason: 'body-not-encodable', mediaType, message: `A body of ${mediaType} ${why}.` }
}
