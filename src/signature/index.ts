export type { ReceivedRequest, SignableRequest, SignatureProblem, Signer, VerifiedRequest, Verifier } from './signer.ts'
export { type StandardWebhooksOptions, standardWebhooks } from './standard-webhooks.ts'
