import type { SourceRange } from '../position.ts'

/** Something in the text that parsers disagree about. The document can be read all the same. */
export type DocumentProblem =
  /** The last member wins, as in `JSON.parse`; many YAML parsers refuse the document. */
  | {
      readonly kind: 'duplicate-key'
      readonly key: string
      readonly range: SourceRange
      readonly first: SourceRange
      readonly message: string
    }
  /** `{$request.body#/url}:` without quotes is a YAML mapping used as a key, or no YAML at all; `$request.body #/url:` has a comment in it. */
  | { readonly kind: 'unquoted-key'; readonly key: string; readonly range: SourceRange; readonly message: string }
  /** A key that is a sequence or a mapping: JSON has no such keys. Its source text is taken as the key. */
  | { readonly kind: 'complex-key'; readonly key: string; readonly range: SourceRange; readonly message: string }
  /** A second YAML document in the same text is ignored. */
  | { readonly kind: 'several-documents'; readonly range: SourceRange; readonly message: string }
  /** Inside quotes or brackets, and not deeper than what it belongs to: strict YAML parsers refuse it. */
  | { readonly kind: 'shallow-line'; readonly range: SourceRange; readonly message: string }
