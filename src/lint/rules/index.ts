import type { Rule, RuleInfo } from '../rule.ts'
import { ambiguousLinkParameter } from './ambiguous-link-parameter.ts'
import { angleDelimiters } from './angle-delimiters.ts'
import { arrayOfUrls } from './array-of-urls.ts'
import { badDeliverySetting } from './bad-delivery-setting.ts'
import { badHeaderName } from './bad-header-name.ts'
import { badName } from './bad-name.ts'
import { badPointerEscape } from './bad-pointer-escape.ts'
import { bareExpressionInsideText } from './bare-expression-inside-text.ts'
import { braceInBareExpression } from './brace-in-bare-expression.ts'
import { cannotCheck } from './cannot-check.ts'
import { commentInExpression } from './comment-in-expression.ts'
import { constantKey } from './constant-key.ts'
import { dollarOutsideBrace } from './dollar-outside-brace.ts'
import { dotInsteadOfPointer } from './dot-instead-of-pointer.ts'
import { duplicateKey } from './duplicate-key.ts'
import { duplicateLinkParameter } from './duplicate-link-parameter.ts'
import { emptyName } from './empty-name.ts'
import { emptyPathItem } from './empty-path-item.ts'
import { expressionInHost } from './expression-in-host.ts'
import { getWithBody } from './get-with-body.ts'
import { hashInName } from './hash-in-name.ts'
import { headersInsteadOfHeader } from './headers-instead-of-header.ts'
import { httpUrl } from './http-url.ts'
import { invalidExpression } from './invalid-expression.ts'
import { keywordCase } from './keyword-case.ts'
import { linkTarget } from './link-target.ts'
import { looksLikeExpression } from './looks-like-expression.ts'
import { missingHash } from './missing-hash.ts'
import { missingLinkParameter } from './missing-link-parameter.ts'
import { missingSlashAfterHash } from './missing-slash-after-hash.ts'
import { nestedCallback } from './nested-callback.ts'
import { noDollar } from './no-dollar.ts'
import { notAUrl } from './not-a-url.ts'
import { optionalUrl } from './optional-url.ts'
import { percentInPointer } from './percent-in-pointer.ts'
import { pointerIntoJsonPart } from './pointer-into-json-part.ts'
import { pointerNotInSchema } from './pointer-not-in-schema.ts'
import { queryNameCase } from './query-name-case.ts'
import { relativeUrl } from './relative-url.ts'
import { requestWithoutBody } from './request-without-body.ts'
import { responseQueryOrPath } from './response-query-or-path.ts'
import { responseWithoutBody } from './response-without-body.ts'
import { strayBrace } from './stray-brace.ts'
import { unclosedBrace } from './unclosed-brace.ts'
import { undeclaredPathParameter } from './undeclared-path-parameter.ts'
import { undeclaredQueryParameter } from './undeclared-query-parameter.ts'
import { undeclaredRequestHeader } from './undeclared-request-header.ts'
import { undeclaredResponseHeader } from './undeclared-response-header.ts'
import { unknownIgnoredRule } from './unknown-ignored-rule.ts'
import { unknownLinkParameter } from './unknown-link-parameter.ts'
import { unknownOperation } from './unknown-operation.ts'
import { unknownSource } from './unknown-source.ts'
import { unquotedKey } from './unquoted-key.ts'
import { unresolvedReference } from './unresolved-reference.ts'
import { unusedCallback } from './unused-callback.ts'
import { urlMethodStatusInKey } from './url-method-status-in-key.ts'
import { userinfo } from './userinfo.ts'
import { whitespaceInKey } from './whitespace-in-key.ts'

/** Every rule. Of those that speak of defects of the grammar, the first that takes one speaks. */
export const rules: readonly Rule[] = [
  dollarOutsideBrace,
  noDollar,
  dotInsteadOfPointer,
  missingHash,
  missingSlashAfterHash,
  unclosedBrace,
  strayBrace,
  bareExpressionInsideText,
  headersInsteadOfHeader,
  unknownSource,
  badHeaderName,
  badName,
  badPointerEscape,
  whitespaceInKey,
  unquotedKey,
  commentInExpression,
  angleDelimiters,
  keywordCase,
  braceInBareExpression,
  emptyName,
  hashInName,
  percentInPointer,
  undeclaredPathParameter,
  undeclaredQueryParameter,
  queryNameCase,
  undeclaredRequestHeader,
  undeclaredResponseHeader,
  pointerNotInSchema,
  pointerIntoJsonPart,
  requestWithoutBody,
  responseWithoutBody,
  responseQueryOrPath,
  notAUrl,
  arrayOfUrls,
  relativeUrl,
  httpUrl,
  userinfo,
  duplicateKey,
  constantKey,
  expressionInHost,
  urlMethodStatusInKey,
  optionalUrl,
  cannotCheck,
  getWithBody,
  nestedCallback,
  emptyPathItem,
  unresolvedReference,
  unusedCallback,
  badDeliverySetting,
  unknownIgnoredRule(() => ruleNames),
  linkTarget,
  unknownOperation,
  unknownLinkParameter,
  ambiguousLinkParameter,
  duplicateLinkParameter,
  missingLinkParameter,
  looksLikeExpression,
  invalidExpression,
]

export const ruleNames: readonly string[] = rules.map(({ name }) => name)

/** The rules as they are shown to users, in the order of their pages. */
export const ruleInfos: readonly RuleInfo[] = rules.map(({ name, summary, group, severity, strict, fixable }) => ({
  name,
  summary,
  group,
  severity,
  ...(strict === undefined ? {} : { strict }),
  fixable,
}))
