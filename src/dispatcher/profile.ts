/**
 * What the receivers of a callback have agreed on beyond HTTP.
 *
 * `3gpp` (TS 29.500, 29.501): 404 with the cause CONTEXT_NOT_FOUND ends the subscription, and one 307 or 308 is followed; after a 308,
 * later attempts go there at once.
 * `camara`: once the sink's access token has expired, a 401 or 403 ends the subscription.
 * `websub` (5.3): every failure but 410 is tried again; before the first delivery of the topic that `metadata.websub` names, a challenge has
 * to be echoed.
 * `cloudevents` (HTTP 1.1 Web Hooks): with `intent.origin`, the receiver has to consent first, and says how many a minute it can take.
 */
export type Profile = 'standard' | '3gpp' | 'camara' | 'websub' | 'cloudevents'

const profiles: readonly string[] = ['standard', '3gpp', 'camara', 'websub', 'cloudevents'] satisfies readonly Profile[]

/** `metadata.profile` of the delivery, so that it holds after a restart; else that of the dispatcher. */
export function profileOf({ profile }: Readonly<Record<string, unknown>>, fallback: Profile): Profile {
  return isProfile(profile) ? profile : fallback
}

export function isProfile(value: unknown): value is Profile {
  return typeof value === 'string' && profiles.includes(value)
}
