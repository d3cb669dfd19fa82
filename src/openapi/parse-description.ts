import { OpenApiDescription } from './description.ts'
import type { DescriptionFile } from './description-file.ts'
import { DocumentError } from './document-error.ts'
import { isRecord } from './pointer.ts'
import type { Position } from './position.ts'
import { absolute } from './reference.ts'
import { type DocumentLimits, limitsOf, parseSource, type Source } from './source/index.ts'
import type { OpenApiVersion } from './types.ts'

export interface ParseOptions extends Partial<DocumentLimits> {
  /** Name of the text in messages and positions. Default `<text>`. */
  readonly file?: string
  /** What relative references are resolved against. Default a URI that nothing can be read from. */
  readonly uri?: string
}

/** Stands for the place of a text or an object that has none. */
export const nowhere = 'ringback:/document'

/**
 * One text as an OpenAPI Description, without reading anything else: references to other files have the failure `not-found`.
 * Throws a `DocumentError` when the text is no OpenAPI 3 document.
 */
export function parseDescription(text: string, options: ParseOptions = {}): OpenApiDescription {
  if (typeof text !== 'string') throw new TypeError('parseDescription expects a string')
  const file = parseFile(text, options.uri ?? nowhere, options.file ?? '<text>', limitsOf(options))
  return descriptionOf(file, new Map([[file.uri, file]]), new Map())
}

/** A text as a file of a description, whatever it is about. */
export function parseFile(text: string, uri: string, name: string, limits: DocumentLimits): DescriptionFile {
  const { root, source, problems } = parseSource(text, name, limits)
  return { uri, baseUri: baseUriOf(root, uri), name, root, source, problems }
}

/** An object as a file of a description. It is neither copied nor changed. */
export function fileOfObject(root: object, uri: string, name: string): DescriptionFile {
  return { uri, baseUri: baseUriOf(root, uri), name, root, source: undefined, problems: [] }
}

/** Throws a `DocumentError` when the entry document is no OpenAPI 3 document. */
export function descriptionOf(
  file: DescriptionFile,
  files: ReadonlyMap<string, DescriptionFile>,
  unavailable: OpenApiDescription['unavailable'],
): OpenApiDescription {
  return new OpenApiDescription({ version: versionOf(file), file, files, unavailable })
}

/** OAS 3.2, section 4.1.2.2: `$self` is the base URI; it may itself be relative. */
function baseUriOf(root: unknown, uri: string): string {
  if (!isRecord(root) || !Object.hasOwn(root, '$self') || typeof root.$self !== 'string' || minorOf(root.openapi) !== '3.2')
    return uri
  return absolute(root.$self, uri) ?? uri
}

function versionOf(file: DescriptionFile): OpenApiVersion {
  const { root } = file
  const fail = (message: string, key?: string): DocumentError =>
    new DocumentError(message, { file: file.name, position: positionOf(file.source, key) })
  if (!isRecord(root)) throw fail(`expected an OpenAPI Description, which is a mapping, but found ${kindOf(root)}`)
  if (Object.hasOwn(root, 'swagger')) {
    throw fail(
      `expected "openapi: 3.0", 3.1 or 3.2 but found "swagger: ${String(root.swagger)}". Convert the document to OpenAPI 3; callbacks came with 3.0`,
      'swagger',
    )
  }
  if (!Object.hasOwn(root, 'openapi'))
    throw fail('expected a field "openapi" with the version, such as "openapi: 3.1.0", but there is none')
  const version = minorOf(root.openapi)
  if (version === undefined)
    throw fail(`expected "openapi: 3.0", 3.1 or 3.2 but found ${JSON.stringify(root.openapi)}`, 'openapi')
  return version
}

function minorOf(field: unknown): OpenApiVersion | undefined {
  // `openapi: 3.0` without quotes is the number 3.
  const text = field === 3 ? '3.0' : typeof field === 'number' ? String(field) : field
  if (typeof text !== 'string') return undefined
  const match = /^(3\.[012])(?:[.-]|$)/.exec(text.trim())
  return match?.[1] as OpenApiVersion | undefined
}

function positionOf(source: Source | undefined, key: string | undefined): Position | undefined {
  if (source === undefined) return undefined
  const place = key === undefined ? undefined : source.nodes.find([key])
  return source.lines.at(place === undefined ? 0 : source.nodes.row(place.value).start)
}

function kindOf(value: unknown): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a sequence'
  return typeof value === 'string' ? 'plain text' : `a ${typeof value}`
}
