import type { DocumentProblem, Source } from './source/index.ts'

/** One file of an OpenAPI Description. */
export interface DescriptionFile {
  /** Absolute, without fragment; what references are compared with. */
  readonly uri: string
  /** What relative references are resolved against: `$self` (OAS 3.2) or the URI. */
  readonly baseUri: string
  /** For people: as the caller named it, a path, or the URI. */
  readonly name: string
  readonly root: unknown
  /** Absent when the caller gave an object instead of a text: then nothing has a position. */
  readonly source: Source | undefined
  /** What parsers disagree about in its text. */
  readonly problems: readonly DocumentProblem[]
}
