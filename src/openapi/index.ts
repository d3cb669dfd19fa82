export { type Callback, type CallbackKey, callbacksOf } from './callback.ts'
export { type Content, contentFor, jsonFirst } from './content.ts'
export { deliveryField, deliverySetting } from './delivery-field.ts'
export { type DescriptionParts, OpenApiDescription } from './description.ts'
export type { DescriptionFile } from './description-file.ts'
export { DocumentError } from './document-error.ts'
export { everyBasePath } from './every-base-path.ts'
export { everyOperation, findOperation, type OperationNotFound, operationAt } from './find-operation.ts'
export { type Link, linksOf } from './link.ts'
export { operationByReference, operationElsewhere } from './linked-operation.ts'
export { child, descend, isObjectValue, items, type Located, type Member, members, nameOf, placeOf, rootOf } from './located.ts'
export { type MatchOptions, matchOperation, type OperationMatch } from './match-operation.ts'
export type { Operation, OperationKind, PathItem } from './model.ts'
export { operationsOf, pathItemsOf } from './operation.ts'
export { callbackOperationOf, methodTokens, operationByTokens } from './operation-by-tokens.ts'
export { operationsWithCallbacks } from './operations-with-callbacks.ts'
export { type Parameter, type ParameterLocation, parametersOf } from './parameter.ts'
export { descriptionOf, fileOfObject, nowhere, type ParseOptions, parseDescription, parseFile } from './parse-description.ts'
export { pathItemField } from './path-item.ts'
export { isRecord, ownValue, pointerOf, pointerTo, tokensOf } from './pointer.ts'
export type { Position, SourceRange } from './position.ts'
export { keyRangeOf, keyStyleOf, rangeAt, rangeInKey, rangeInValue, rangeOf, valueStyleOf } from './range.ts'
export {
  absolute,
  type ReferenceFailure,
  type ReferenceFailureReason,
  referenceTarget,
  refOf,
  type UnavailableFile,
} from './reference.ts'
export { type RequestBody, requestBodyOf } from './request-body.ts'
export { type Response, type ResponseHeader, responseFor, responsesOf } from './response.ts'
export {
  type ContentVerdict,
  lookUpContent,
  lookUpSchema,
  type OpenReason,
  type ParentKind,
  type SchemaTraits,
  type SchemaVerdict,
} from './schema/index.ts'
export { basePathsOf, ownServersOf, serversAt, serverUrl } from './server.ts'
export { similarNames } from './similar.ts'
export {
  type DocumentLimits,
  type DocumentProblem,
  defaultLimits,
  limitsOf,
  type ScalarStyle,
} from './source/index.ts'
export * from './types.ts'
