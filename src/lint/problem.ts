import type { Severity } from './severity.ts'

/** One finding, in the shape that `--format json` prints. */
export interface Problem {
  /** Name of the rule: stable, and the name of its page in docs/rules. */
  readonly rule: string
  readonly severity: Severity
  /** One plain sentence, or two. */
  readonly message: string
  /** As the caller named it. */
  readonly file: string
  /** One-based; 1 where the document was given as an object, which has no lines. */
  readonly line: number
  /** One-based, in UTF-16 units. */
  readonly column: number
  readonly endLine: number
  /** Exclusive. */
  readonly endColumn: number
  /** Zero-based, in UTF-16 units, of the text of `file`. A byte order mark is not counted where a file was read, but where it is in the text given. */
  readonly offset: number
  /** JSON Pointer from the root of `file` to what the finding is about. */
  readonly pointer: string
  /** The decoded key of the Callback Object. */
  readonly key?: string
  /** The expression that the finding is about, without braces. */
  readonly expression?: string
  /**
   * What was probably meant, always as a whole: the decoded key or value that the finding is about or in, as it would be without what
   * this finding is about.
   */
  readonly suggestion?: string
  /** Only where the edit is certain. */
  readonly fix?: Fix
}

export interface Fix {
  /** In order, of the text of the problem's file, not overlapping. */
  readonly edits: readonly FileEdit[]
}

/** Replaces the text between two offsets (half-open, UTF-16 units). */
export interface FileEdit {
  readonly start: number
  readonly end: number
  readonly text: string
}

export interface Summary {
  /** Files that were read, those that others refer to included. */
  readonly files: number
  /** Keys of Callback Objects, each place once. */
  readonly callbacks: number
  /** Expressions in keys and links, each place once. */
  readonly expressions: number
  readonly errors: number
  readonly warnings: number
  readonly infos: number
  /** Of `ringback lint` where it searched folders. */
  readonly skipped?: Skipped
}

/** YAML and JSON files that were found in a folder and are neither documents nor parts of one that was read, by the reason. */
export interface Skipped {
  /** Of Swagger 2.0, which has no callbacks. */
  readonly swagger2: number
  /** Anything else that is no OpenAPI document of 3.0, 3.1 or 3.2. */
  readonly notOpenApi3: number
  /** Larger than 64 MiB. */
  readonly tooLarge: number
}
