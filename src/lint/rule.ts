import type { SyntaxProblem } from '../expression/index.ts'
import type { Callback, OpenApiDescription, Operation } from '../openapi/index.ts'
import type { Place } from './place.ts'
import type { FileEdit } from './problem.ts'
import type { Severity } from './severity.ts'
import type { CallbackSubjects, ExpressionUse, KeySubject, LinkSubject, Subject } from './subject/index.ts'

/** What is told of a rule to those who choose among them. */
export interface RuleInfo {
  /** Stable: settings, reports and `docs/rules/<name>.md` use it. */
  readonly name: string
  /** One sentence: what is wrong when the rule speaks. */
  readonly summary: string
  readonly group: RuleGroup
  /** In the preset `recommended`. Some findings of a rule weigh less, or more, than the rule. */
  readonly severity: Severity
  /** In the preset `strict`, where that differs. */
  readonly strict?: Severity
  /** Whether it sometimes has a fix. */
  readonly fixable: boolean
}

/** A rule looks at one kind of thing at a time and says what is wrong with it. It knows nothing of files, formats or settings. */
export interface Rule extends RuleInfo {
  /** Called for each defect of the grammar: the first rule that takes it speaks. */
  readonly syntax?: (defect: SyntaxDefect) => SyntaxFinding | undefined
  readonly key?: (key: KeySubject) => Iterable<Finding>
  /** For expressions of keys and links alike, once their text is understood or mended. */
  readonly use?: (use: ExpressionUse) => Iterable<Finding>
  readonly link?: (link: LinkSubject) => Iterable<Finding>
  readonly callback?: (callback: Callback) => Iterable<Finding>
  readonly operation?: (operation: Operation) => Iterable<Finding>
  readonly description?: (description: OpenApiDescription, subjects: CallbackSubjects) => Iterable<Finding>
}

export type RuleGroup = 'syntax' | 'semantics' | 'structure' | 'links'

export interface Finding {
  readonly place: Place
  readonly message: string
  /** Where this finding matters more or less than the rule does otherwise. What a configuration says of the rule wins. */
  readonly severity?: Severity
  readonly key?: string
  readonly expression?: string
  readonly suggestion?: string
  /** Edits of the file that `place` is in; only if they are certain. */
  readonly fix?: readonly FileEdit[] | undefined
}

/** One problem of the grammar in a key or in a value of a link. */
export interface SyntaxDefect extends SyntaxProblem {
  readonly subject: Subject
  readonly source: string
  /** The expression that the problem is in, as it is written: from its brace to the next. */
  readonly around: { readonly text: string; readonly start: number }
  /** What stands at the problem, to the end of the text. */
  readonly rest: string
}

/** The place is the span of the defect, the suggestion the mended text, the fix its edits where they are certain. */
export interface SyntaxFinding {
  readonly message: string
  /** Where the parser does not know what was meant. */
  readonly suggestion?: string
}
