import { randomUuid } from '../../util/index.ts'
import { allowed } from '../allowed.ts'
import { type Answer, jsonAnswer } from '../answer.ts'
import type { Profile, RejectedRequest } from '../profile.ts'
import { randomTokens } from '../tokens.ts'
import { inQuery } from '../url-shape.ts'
import { standard } from './standard.ts'

/** The answers of uTask's callback plug-in: one call, the secret in the query, 400 for nearly everything. */
export const utask: Profile = {
  ...standard,
  urls: inQuery,
  tokens: (random) => randomTokens(random, randomUuid),
  pathPrefix: '/unsecured/callback',
  maxCalls: 1,
  dedupes: false,
  answersHead: false,
  readsAs: 'application/json',
  accepted: () => jsonAnswer(200, { message: 'The callback has been resolved' }),
  refusal(refusal) {
    switch (refusal.kind) {
      case 'unknown':
        return unknown
      case 'no-secret':
        return failure(400, 'binding error on field \'t\': missing parameter "t"')
      case 'paused':
        return failure(405, 'Maintenance mode activated')
      case 'rejected':
        return rejected(refusal)
      default:
        return standard.refusal(refusal)
    }
  },
}

const unknown = failure(404, 'failed to load callback from public id: callback not found')

function rejected(refusal: RejectedRequest): Answer {
  const { code, detail, methods = [], ended } = refusal
  switch (code) {
    case 'sub-path':
      return unknown
    case 'method':
      return {
        ...failure(405, detail),
        headers: [
          ['content-type', 'application/json'],
          ['allow', allowed(methods)],
        ],
      }
    case 'ended':
      return failure(
        400,
        ended?.state === 'completed'
          ? 'callback has already been resolved'
          : `related task is not in a valid state: ${ended?.state}`,
      )
    case 'full':
      return failure(400, 'callback has already been resolved')
    case 'schema':
      return failure(400, `unable to validate body: ${detail}`)
    case 'too-large':
      return { ...failure(400, detail), close: true }
    case 'malformed':
      return failure(400, detail)
    default:
      return standard.refusal(refusal)
  }
}

function failure(status: number, error: string): Answer {
  return jsonAnswer(status, { error })
}
