export type { ClientIdentity } from './client-identity.ts'
export type { DiallerFactory } from './connector.ts'
export type { Refusal, RefusalRule } from './refusal.ts'
export type {
  FailureCause,
  OutboundRequest,
  OutboundResponse,
  Phase,
  SendOutcome,
  SendReport,
  Sent,
  Timings,
} from './report.ts'
export { requestProblem } from './request-rules.ts'
export type { Resolver } from './resolver.ts'
export { createTransport, type SendOptions, type Transport, type TransportOptions, transportDefaults } from './transport.ts'
export { type JudgedTarget, type JudgedUrl, type PublicInternetOptions, publicInternet, type UrlPolicy } from './url-policy.ts'
