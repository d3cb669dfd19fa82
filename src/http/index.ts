export type { CallbackReply, ReplyProblem } from './callback-reply.ts'
export type { CallbackRequest } from './callback-request.ts'
export { constraintBrokenBy } from './constraint-broken.ts'
export type { Exchange, ExchangeRequest, ExchangeResponse, Parameters, PartialExchange } from './exchange.ts'
export { formFields } from './form-fields.ts'
export { expectFields, fieldLines, fieldValue, foldFieldName, type HeaderFields } from './header-fields.ts'
export { charsetOf, essenceOf, isJsonMediaType } from './media-type.ts'
export { isSecretField, isSecretParameter } from './secret-name.ts'
export {
  type AuthorityConstraint,
  type TargetConstraint,
  type TemplatePart,
  targetConstraintOf,
} from './target-constraint.ts'
export { withQuery } from './with-query.ts'
