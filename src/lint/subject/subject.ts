import type { ExpressionTemplate, RuntimeExpression, SyntaxProblem, TextEdit } from '../../expression/index.ts'
import type {
  Callback,
  CallbackKey,
  Link,
  Located,
  OpenApiDescription,
  Operation,
  PathItem,
  Response,
} from '../../openapi/index.ts'
import type { Resolution } from './resolution.ts'
import type { TextPlace } from './text-place.ts'

/** Something that holds expressions, read once for all rules. */
export type Subject = KeySubject | LinkValueSubject

interface Read extends TextPlace {
  /** What the grammar has against it; empty where it parses. */
  readonly problems: readonly SyntaxProblem[]
  /** What was probably meant, where that parses: for a text with problems, and for one that is literal text but was not meant so. */
  readonly mended: { readonly text: string; readonly edits: readonly TextEdit[] } | undefined
  /** The text, or what was probably meant; `undefined` where neither is understood, and for constants. */
  readonly template: ExpressionTemplate | undefined
  readonly uses: readonly ExpressionUse[]
}

/** The key of a Callback Object. */
export interface KeySubject extends Read {
  readonly kind: 'key'
  readonly in: 'key'
  /** Absent for Callback Objects under `components` that no operation refers to. */
  readonly callback: Callback | undefined
  readonly member: CallbackKey | undefined
  readonly operation: Operation | undefined
  readonly pathItem: PathItem | undefined
  /** Written `<…>` instead of `{…}`. */
  readonly angle: boolean
}

/** A value under `parameters` or `requestBody` of a Link Object. */
export interface LinkValueSubject extends Read {
  readonly kind: 'link-value'
  readonly in: 'value'
  readonly link: LinkPlace
  /** Absent for Link Objects under `components` that no response refers to. */
  readonly operation: Operation | undefined
  /** The member of `parameters`; `undefined` for `requestBody`. */
  readonly parameter: string | undefined
  /** A constant that was probably meant as an expression. */
  readonly looksLikeExpression: boolean
}

/** Where a Link Object stands: in a response, or under `components` when no response refers to it. */
export interface LinkPlace extends Omit<Link, 'response'> {
  readonly description: OpenApiDescription
  readonly response: Response | undefined
}

/** A Link Object. */
export interface LinkSubject {
  readonly link: LinkPlace
  readonly object: Located | undefined
  readonly values: readonly LinkValueSubject[]
  readonly target: LinkTarget
}

export type LinkTarget =
  | { readonly kind: 'operation'; readonly operation: Operation }
  /** Its `operationId` or `operationRef` names no operation of the description. */
  | {
      readonly kind: 'unknown'
      readonly field: 'operationId' | 'operationRef'
      readonly at: Located
      readonly name: string
      readonly why: string
      readonly didYouMean: readonly string[]
    }
  /** It may be there, in a document that was not read. */
  | { readonly kind: 'cannot-tell'; readonly at: Located; readonly why: string }
  | { readonly kind: 'none' }

/** Where in the URL of a key a value stands. `whole`: nothing else is in the text. */
export type UsePosition = 'whole' | 'start' | 'host' | 'rest'

/** One expression in the document. */
export interface ExpressionUse {
  readonly subject: Subject
  readonly expression: RuntimeExpression
  /** Without braces; of the mended text, if that is what was understood. */
  readonly text: string
  /** In the text as it stands, without braces. */
  readonly start: number
  readonly end: number
  /** In `template`. */
  readonly templateStart: number
  readonly position: UsePosition
  /** `undefined` where there is no operation to tell. */
  readonly resolution: Resolution | undefined
  /** Maps an offset in the expression to the text as it stands. */
  readonly offsetAt: (offset: number) => number
}
