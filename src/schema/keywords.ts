import type { Dialect } from './validator.ts'

/** What a keyword holds: one schema, several, schemas by name, or data that is no schema. */
export type Holds = 'schema' | 'schemas' | 'schema-or-schemas' | 'schemas-by-name' | 'schemas-or-names-by-name' | 'data'

const shared: Readonly<Record<string, Holds>> = {
  $ref: 'data',
  type: 'data',
  enum: 'data',
  multipleOf: 'data',
  maximum: 'data',
  exclusiveMaximum: 'data',
  minimum: 'data',
  exclusiveMinimum: 'data',
  maxLength: 'data',
  minLength: 'data',
  pattern: 'data',
  maxItems: 'data',
  minItems: 'data',
  uniqueItems: 'data',
  maxProperties: 'data',
  minProperties: 'data',
  required: 'data',
  format: 'data',
  properties: 'schemas-by-name',
  additionalProperties: 'schema',
  allOf: 'schemas',
  anyOf: 'schemas',
  oneOf: 'schemas',
  not: 'schema',
  items: 'schema-or-schemas',
}

const draft04: Readonly<Record<string, Holds>> = {
  ...shared,
  id: 'data',
  additionalItems: 'schema',
  patternProperties: 'schemas-by-name',
  dependencies: 'schemas-or-names-by-name',
  definitions: 'schemas-by-name',
}

const draft06: Readonly<Record<string, Holds>> = {
  ...draft04,
  $id: 'data',
  const: 'data',
  contains: 'schema',
  propertyNames: 'schema',
}

const draft07: Readonly<Record<string, Holds>> = {
  ...draft06,
  if: 'schema',
  then: 'schema',
  else: 'schema',
}

const draft2019: Readonly<Record<string, Holds>> = {
  ...draft07,
  $defs: 'schemas-by-name',
  $anchor: 'data',
  $recursiveRef: 'data',
  $recursiveAnchor: 'data',
  dependentSchemas: 'schemas-by-name',
  dependentRequired: 'data',
  maxContains: 'data',
  minContains: 'data',
  unevaluatedItems: 'schema',
  unevaluatedProperties: 'schema',
}

const draft2020: Readonly<Record<string, Holds>> = {
  ...draft2019,
  $dynamicRef: 'data',
  $dynamicAnchor: 'data',
  prefixItems: 'schemas',
}

/** The keywords of each dialect that say something about values, or lead to schemas that do. */
export const keywords: Readonly<Record<Dialect, Readonly<Record<string, Holds>>>> = {
  'draft-04': draft04,
  'draft-06': draft06,
  'draft-07': draft07,
  '2019-09': draft2019,
  '2020-12': draft2020,
  // Definitions are not OAS 3.0's: it is where self-contained.ts puts what a schema refers to.
  'openapi-3.0': { ...shared, nullable: 'data', definitions: 'schemas-by-name' },
}
