export { type ErrorCode, isRingbackError, RingbackError } from './errors/index.ts'
export * from './expression/index.ts'
export type { Exchange, ExchangeRequest, ExchangeResponse, HeaderFields, PartialExchange } from './http/index.ts'
export { err, ok, type Result } from './util/index.ts'
