import { assertNever } from '../../util/index.ts'
import { allowed } from '../allowed.ts'
import { type Answer, jsonAnswer, problemAnswer } from '../answer.ts'
import type { Profile, RejectedRequest } from '../profile.ts'
import { randomTokens } from '../tokens.ts'
import { inPath } from '../url-shape.ts'

/** Our own answers: the ancestors' without their holes. */
export const standard: Profile = {
  urls: inPath,
  tokens: (random) => randomTokens(random),
  pathPrefix: '/callbacks',
  slots: 16,
  maxCalls: null,
  lifeMs: 43_200_000,
  dedupes: true,
  answersHead: true,
  checksContent: true,
  readsAs: undefined,
  readsAfterEnd: true,
  waitTimeoutMs: undefined,
  accepted: (id) => jsonAnswer(200, { id, state: 'accepted' }),
  pending: (id) => jsonAnswer(202, { id, state: 'pending' }),
  refusal(refusal) {
    switch (refusal.kind) {
      case 'unknown':
      case 'no-secret':
        return unknown
      case 'paused':
        return problemAnswer(503, 'Paused', {}, [['retry-after', '30']])
      case 'failed':
        return problemAnswer(500, 'Internal Server Error', {}, [['retry-after', '5']])
      case 'unavailable':
        return problemAnswer(503, 'Not available in this process', {}, [['retry-after', '30']])
      case 'in-flight':
        return problemAnswer(409, 'The same call is being answered', {}, [['retry-after', '1']])
      case 'consumed':
        return problemAnswer(500, 'The body was read before it came to the callback receiver', {
          detail: 'Mount receiver.node() before express.json() and other body parsers: the exact bytes are gone after them.',
        })
      case 'rejected':
        return rejected(refusal)
      default:
        return assertNever(refusal)
    }
  },
}

/** One and the same for everybody who does not hold the token, and for paths below an endpoint that it does not have. */
const unknown: Answer = problemAnswer(404, 'Not Found')

function rejected({
  code,
  detail,
  methods = [],
  challenges = [],
  accepts = [],
  errors,
  ended,
  retryAfterMs = 1000,
}: RejectedRequest): Answer {
  switch (code) {
    case 'sub-path':
      return unknown
    case 'ended':
      return jsonAnswer(410, { state: ended?.state, endedAt: new Date(ended?.endedAt ?? 0).toISOString() })
    case 'method':
      return problemAnswer(405, 'Method Not Allowed', { detail }, [['allow', allowed(methods)]])
    case 'auth':
      return {
        ...problemAnswer(
          401,
          'Unauthorized',
          { detail },
          challenges.map((one) => ['www-authenticate', one]),
        ),
        close: true,
      }
    case 'too-large':
      return { ...problemAnswer(413, 'Content Too Large', { detail }), close: true }
    case 'body-timeout':
      return { ...problemAnswer(408, 'Request Timeout', { detail }), close: true }
    case 'encoding':
      return problemAnswer(415, 'Unsupported Content Encoding', { detail }, [['accept-encoding', accepts.join(', ')]])
    case 'media-type':
      return problemAnswer(415, 'Unsupported Media Type', { detail }, [['accept', accepts.join(', ')]])
    case 'malformed':
    case 'claim':
      return problemAnswer(400, 'Bad Request', { detail, code })
    case 'schema':
      return problemAnswer(422, 'The call does not fit its schema', { errors })
    case 'key-reused':
      return problemAnswer(422, 'The dedupe key was used for another call', { detail, code })
    case 'full':
      return problemAnswer(429, 'Too Many Requests', { detail }, [['retry-after', String(Math.ceil(retryAfterMs / 1000))]])
    default:
      return assertNever(code)
  }
}
