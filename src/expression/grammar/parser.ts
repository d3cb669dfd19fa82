import {
  EmbeddedActionsParser,
  type IOrAlt,
  type IParserErrorMessageProvider,
  type IRecognitionException,
  type ISyntacticContentAssistPath,
  type IToken,
  type TokenType,
} from 'chevrotain'
import pointer from 'json-pointer'
import type {
  ArazzoRoot,
  BodyReference,
  ComponentsExpression,
  DraftBodyReference,
  EmbeddedExpression,
  HeaderReference,
  JsonPointer,
  Literal,
  PathParameter,
  PathReference,
  QueryReference,
  RuntimeExpression,
  Source,
  Span,
  TemplatePart,
} from '../ast.ts'
import * as t from './tokens.ts'

/** The grammar: a tree for what was understood, and Chevrotain's exceptions for what was not. */
export interface Grammar {
  expression(tokens: IToken[]): Parsed<RuntimeExpression | undefined>
  /** The parts that were understood, in order; `text` is what the tokens were made of. */
  templateParts(tokens: IToken[], text: string): Parsed<readonly TemplatePart[]>
  /** What may follow these tokens of one expression. */
  expectedAfter(tokens: IToken[]): TokenType[]
}

export interface Parsed<T> {
  readonly tree: T
  readonly exceptions: readonly IRecognitionException[]
}

/** `validate`: also check the grammar itself (ambiguities, unreachable alternatives); costs as much as building it. */
export function createGrammar(options: { readonly validate: boolean }): Grammar {
  const parser = new ExpressionParser(options.validate)
  return {
    expression(tokens) {
      parser.input = tokens
      parser.failures = 0
      return { tree: parser.expression(), exceptions: parser.exceptions() }
    },
    templateParts(tokens, text) {
      parser.input = tokens
      parser.text = text
      parser.parts = []
      parser.understood = undefined
      parser.failures = 0
      parser.template()
      const { parts, understood } = parser
      parser.text = ''
      parser.parts = []
      parser.understood = undefined
      if (understood !== undefined) parts.push(understood)
      return { tree: parts, exceptions: parser.exceptions() }
    },
    expectedAfter(tokens) {
      const paths: ISyntacticContentAssistPath[] = parser.computeContentAssist('expression', tokens)
      return [...new Set(paths.map((path) => path.nextTokenType))]
    },
  }
}

const none: readonly IRecognitionException[] = []

/** More problems than these are not looked for: each costs a recovery, and one inside the other at that. */
export const mostProblems = 20

// Messages are made from the offending token and the one before it (problems.ts); here failures are only counted.
function noMessages(onFailure: () => void): IParserErrorMessageProvider {
  const count = (): string => {
    onFailure()
    return ''
  }
  return {
    buildMismatchTokenMessage: count,
    buildNotAllInputParsedMessage: count,
    buildNoViableAltMessage: count,
    buildEarlyExitMessage: count,
  }
}

// One rule for each rule of the ABNF, of all dialects: a dialect's lexer yields only the tokens that the dialect has.
class ExpressionParser extends EmbeddedActionsParser {
  text = ''
  // A field, not the rule's value: where the last part is broken, the rule has no value, but the parts before it are understood.
  parts: TemplatePart[] = []
  // What stands between the last opening delimiter and whatever came where the closing one should be.
  understood: EmbeddedExpression | PathParameter | undefined
  failures = 0

  constructor(validate: boolean) {
    const errorMessageProvider = noMessages(() => this.failures++)
    super(t.vocabulary, { maxLookahead: 1, recoveryEnabled: true, errorMessageProvider, skipValidations: !validate })
    this.performSelfAnalysis()
  }

  // `errors` copies a list, also an empty one, at the price of a tenth of a parse.
  exceptions(): readonly IRecognitionException[] {
    return this.failures === 0 ? none : this.errors
  }

  // Guessing a token in or out would make a tree that nobody wrote: only skipping to the end of the expression is allowed.
  override canTokenTypeBeInsertedInRecovery(): boolean {
    return false
  }

  override canTokenTypeBeDeletedInRecovery(): boolean {
    return false
  }

  // template = *( literal / embedded )
  template = this.RULE('template', (): void => {
    this.MANY({
      GATE: () => this.failures < mostProblems,
      DEF: () => {
        const part = this.OR<TemplatePart | undefined>([
          { ALT: () => this.SUBRULE(this.literal) },
          { ALT: () => this.SUBRULE(this.embedded) },
        ])
        if (part !== undefined) this.parts.push(part)
        this.understood = undefined
      },
    })
  })

  // literal: what stands outside of delimiters
  literal = this.RULE('literal', (): Literal => {
    let first: IToken | undefined
    let last: IToken | undefined
    this.AT_LEAST_ONE(() => {
      last = this.CONSUME(t.LiteralText)
      first ??= last
    })
    const span = spanOf(first as IToken, last as IToken)
    return { kind: 'literal', text: this.text.slice(span.start, span.end), span }
  })

  // embedded = "{" content "}"
  embedded = this.RULE(
    'embedded',
    (): EmbeddedExpression | PathParameter | undefined => {
      this.understood = undefined
      const open = this.CONSUME(t.Open)
      const content = this.SUBRULE(this.content)
      this.understood = content === undefined ? undefined : embeddedOf(content, open.startOffset)
      const close = this.CONSUME(t.Close)
      return content === undefined ? undefined : embeddedOf(content, open.startOffset, endOf(close))
    },
    { recoveryValueFunc: () => this.understood },
  )

  // content = expression / parameter-name     a rule of its own, so that recovery stops at the closing delimiter
  content = this.RULE(
    'content',
    (): RuntimeExpression | string | undefined =>
      this.OR<RuntimeExpression | string | undefined>([
        { ALT: () => this.CONSUME(t.ParameterName).image },
        { ALT: () => this.SUBRULE(this.expression) },
      ]),
    { recoveryValueFunc: () => undefined },
  )

  // expression = "$url" / "$method" / "$statusCode" / "$request." source / "$response." source
  //            / (Arazzo) "$self" / "$message." source / "$inputs." … / (AsyncAPI) "$message." message-source
  expression = this.RULE('expression', (): RuntimeExpression | undefined => this.OR(this.expressions), {
    recoveryValueFunc: () => undefined,
  })

  // Lists of alternatives that need nothing of their rule are made once and not at every parse.
  readonly expressions: IOrAlt<RuntimeExpression>[] = [
    { ALT: () => ({ kind: 'url', span: spanOf(this.CONSUME(t.Url)) }) },
    { ALT: () => ({ kind: 'method', span: spanOf(this.CONSUME(t.Method)) }) },
    { ALT: () => ({ kind: 'status-code', span: spanOf(this.CONSUME(t.StatusCode)) }) },
    { ALT: () => ({ kind: 'self', span: spanOf(this.CONSUME(t.Self)) }) },
    {
      ALT: () => {
        const root = this.CONSUME(t.RequestDot)
        const source = this.SUBRULE(this.source)
        return { kind: 'request', source, span: spanFrom(root, source) }
      },
    },
    {
      ALT: () => {
        const root = this.CONSUME(t.ResponseDot)
        const source = this.SUBRULE1(this.source)
        return { kind: 'response', source, span: spanFrom(root, source) }
      },
    },
    { ALT: () => this.SUBRULE(this.message) },
    { ALT: () => this.SUBRULE(this.arazzoName) },
    { ALT: () => this.SUBRULE(this.inputs) },
    { ALT: () => this.SUBRULE(this.outputs) },
    { ALT: () => this.SUBRULE(this.steps) },
    { ALT: () => this.SUBRULE(this.workflows) },
    { ALT: () => this.SUBRULE(this.sourceDescriptions) },
    { ALT: () => this.SUBRULE(this.components) },
  ]

  // source = header-reference / query-reference / path-reference / body-reference
  source = this.RULE('source', (): Source => this.OR(this.sources))

  readonly sources: IOrAlt<Source>[] = [
    { ALT: () => this.SUBRULE(this.headerReference) },
    { ALT: () => this.SUBRULE(this.queryReference) },
    { ALT: () => this.SUBRULE(this.pathReference) },
    { ALT: () => this.SUBRULE(this.bodyReference) },
    { ALT: () => this.SUBRULE(this.payloadReference) },
    { ALT: () => this.SUBRULE(this.draftBodyReference) },
  ]

  // header-reference = "header." token
  headerReference = this.RULE('headerReference', (): HeaderReference => {
    const header = this.CONSUME(t.HeaderDot)
    const token = this.CONSUME(t.HeaderName)
    return { kind: 'header-reference', name: foldAscii(token.image), raw: token.image, span: spanOf(header, token) }
  })

  // query-reference = "query." name
  queryReference = this.RULE('queryReference', (): QueryReference => {
    const query = this.CONSUME(t.QueryDot)
    const name = this.OPTION(() => this.CONSUME(t.Name))
    return { kind: 'query-reference', name: decodedName(name), raw: imageOf(name), span: spanOf(query, name) }
  })

  // path-reference = "path." name
  pathReference = this.RULE('pathReference', (): PathReference => {
    const path = this.CONSUME(t.PathDot)
    const name = this.OPTION(() => this.CONSUME(t.Name))
    return { kind: 'path-reference', name: decodedName(name), raw: imageOf(name), span: spanOf(path, name) }
  })

  // body-reference = "body" ["#" json-pointer ]
  bodyReference = this.RULE('bodyReference', (): BodyReference => {
    const body = this.CONSUME(t.Body)
    const fragment = this.OPTION(() => this.SUBRULE(this.jsonPointer))
    return { kind: 'body-reference', ...pointerMember(fragment), span: spanFrom(body, fragment) }
  })

  // Arazzo 1.1: payload-reference = "payload" ["#" json-pointer ]
  payloadReference = this.RULE('payloadReference', (): Source => {
    const payload = this.CONSUME(t.Payload)
    const fragment = this.OPTION(() => this.SUBRULE(this.jsonPointer))
    return { kind: 'payload-reference', ...pointerMember(fragment), span: spanFrom(payload, fragment) }
  })

  // "#" json-pointer     json-pointer = *( "/" reference-token )
  jsonPointer = this.RULE('jsonPointer', (): JsonPointer => {
    const hash = this.CONSUME(t.Hash)
    const tokens: string[] = []
    let last = hash
    this.MANY(() => {
      last = this.CONSUME(t.Slash)
      const token = this.OPTION(() => this.CONSUME(t.ReferenceToken))
      if (token !== undefined) last = token
      tokens.push(unescaped(imageOf(token)))
    })
    return { kind: 'json-pointer', tokens, span: { start: endOf(hash), end: endOf(last) } }
  })

  // draft of 2017: body-reference = "body" *( "[" 1*DIGIT "]" / "." segment )
  draftBodyReference = this.RULE('draftBodyReference', (): DraftBodyReference => {
    const body = this.CONSUME(t.DraftBody)
    const path: (string | number)[] = []
    let last = body
    let raw = ''
    this.MANY(() => {
      this.OR([
        {
          ALT: () => {
            this.CONSUME(t.LeftBracket)
            const digits = this.CONSUME(t.Digits)
            last = this.CONSUME(t.RightBracket)
            path.push(indexOf(digits))
            raw += `[${digits.image}]`
          },
        },
        {
          ALT: () => {
            this.CONSUME(t.Dot)
            last = this.CONSUME(t.DraftSegment)
            path.push(decodedName(last))
            raw += `.${last.image}`
          },
        },
      ])
    })
    return { kind: 'draft-body-reference', path, raw, span: spanOf(body, last) }
  })

  // Arazzo: "$message." source
  // AsyncAPI: "$message" "." ( "header" / "payload" ) [ "#" json-pointer ]     2.0.0: a "." may stand before "#"
  message = this.RULE('message', (): RuntimeExpression => {
    const root = this.CONSUME(t.MessageDot)
    return this.OR<RuntimeExpression>([
      {
        ALT: () => {
          const source = this.SUBRULE(this.source)
          return { kind: 'message', source, span: spanFrom(root, source) }
        },
      },
      {
        ALT: () => {
          const header = this.CONSUME(t.MessageHeader)
          const dot = this.OPTION(() => this.CONSUME(t.Dot))
          const fragment = this.OPTION1(() => this.SUBRULE(this.jsonPointer))
          return { kind: 'message-header', ...pointerMember(fragment), span: spanFrom(root, fragment, dot ?? header) }
        },
      },
      {
        ALT: () => {
          const payload = this.CONSUME(t.MessagePayload)
          const dot = this.OPTION2(() => this.CONSUME1(t.Dot))
          const fragment = this.OPTION3(() => this.SUBRULE1(this.jsonPointer))
          return { kind: 'message-payload', ...pointerMember(fragment), span: spanFrom(root, fragment, dot ?? payload) }
        },
      },
    ])
  })

  // Arazzo 1.0: ( "$inputs." / "$outputs." / "$steps." / "$workflows." / "$sourceDescriptions." / "$components." ) name
  arazzoName = this.RULE('arazzoName', (): RuntimeExpression => {
    const root = this.CONSUME(t.ArazzoRootDot)
    const name = this.OPTION(() => this.CONSUME(t.Name))
    return {
      kind: 'arazzo-name',
      root: arazzoRootOf(root.image),
      name: decodedName(name),
      raw: imageOf(name),
      span: spanOf(root, name),
    }
  })

  // Arazzo 1.1: "$inputs." identifier [ "#" json-pointer ]
  inputs = this.RULE('inputs', (): RuntimeExpression => {
    const root = this.CONSUME(t.InputsDot)
    const name = this.CONSUME(t.Identifier)
    const fragment = this.OPTION(() => this.SUBRULE(this.jsonPointer))
    return { kind: 'inputs', name: name.image, ...pointerMember(fragment), span: spanFrom(root, fragment, name) }
  })

  // "$outputs." identifier [ "#" json-pointer ]
  outputs = this.RULE('outputs', (): RuntimeExpression => {
    const root = this.CONSUME(t.OutputsDot)
    const name = this.CONSUME(t.Identifier)
    const fragment = this.OPTION(() => this.SUBRULE(this.jsonPointer))
    return { kind: 'outputs', name: name.image, ...pointerMember(fragment), span: spanFrom(root, fragment, name) }
  })

  // "$steps." strict ".outputs." identifier [ "#" json-pointer ]
  steps = this.RULE('steps', (): RuntimeExpression => {
    const root = this.CONSUME(t.StepsDot)
    const step = this.CONSUME(t.StepId)
    this.CONSUME(t.OutputsField)
    const output = this.CONSUME(t.Identifier)
    const fragment = this.OPTION(() => this.SUBRULE(this.jsonPointer))
    const span = spanFrom(root, fragment, output)
    return { kind: 'steps', stepId: step.image, output: output.image, ...pointerMember(fragment), span }
  })

  // "$workflows." strict "." ( "inputs" / "outputs" ) "." identifier [ "#" json-pointer ]
  workflows = this.RULE('workflows', (): RuntimeExpression => {
    const root = this.CONSUME(t.WorkflowsDot)
    const workflow = this.CONSUME(t.WorkflowId)
    const field = this.OR<'inputs' | 'outputs'>([
      {
        ALT: () => {
          this.CONSUME(t.InputsField)
          return 'inputs'
        },
      },
      {
        ALT: () => {
          this.CONSUME(t.OutputsField)
          return 'outputs'
        },
      },
    ])
    const name = this.CONSUME(t.Identifier)
    const fragment = this.OPTION(() => this.SUBRULE(this.jsonPointer))
    const span = spanFrom(root, fragment, name)
    return { kind: 'workflows', workflowId: workflow.image, field, name: name.image, ...pointerMember(fragment), span }
  })

  // "$sourceDescriptions." strict "." 1*char
  sourceDescriptions = this.RULE('sourceDescriptions', (): RuntimeExpression => {
    const root = this.CONSUME(t.SourceDescriptionsDot)
    const source = this.CONSUME(t.SourceName)
    this.CONSUME(t.SourceDot)
    const reference = this.CONSUME(t.Name)
    return {
      kind: 'source-descriptions',
      source: source.image,
      reference: decodedName(reference),
      raw: reference.image,
      span: spanOf(root, reference),
    }
  })

  // "$components." ( "parameters" / "successActions" / "failureActions" ) "." identifier
  components = this.RULE('components', (): RuntimeExpression => {
    const root = this.CONSUME(t.ComponentsDot)
    const type = this.CONSUME(t.ComponentTypeDot)
    const name = this.CONSUME(t.Identifier)
    return { kind: 'components', componentType: componentTypeOf(type.image), name: name.image, span: spanOf(root, name) }
  })
}

function embeddedOf(content: RuntimeExpression | string, start: number, end?: number): EmbeddedExpression | PathParameter {
  return typeof content === 'string'
    ? { kind: 'path-parameter', name: content, span: { start, end: end ?? start + 1 + content.length } }
    : { kind: 'embedded-expression', expression: content, span: { start, end: end ?? content.span?.end ?? start } }
}

function spanOf(first: IToken, last: IToken = first): Span {
  return { start: first.startOffset, end: endOf(last) }
}

/** From a token to the end of a node, or of another token where the node is absent. */
function spanFrom(first: IToken, node: { readonly span: Span } | undefined, last: IToken = first): Span {
  return { start: first.startOffset, end: node?.span?.end ?? endOf(last) }
}

// The lexer tracks start offsets only.
function endOf(token: IToken): number {
  return token.startOffset + imageOf(token).length
}

// While Chevrotain records the grammar, optional tokens are objects without an image.
function imageOf(token: IToken | undefined): string {
  return token?.image ?? ''
}

function pointerMember(pointer: JsonPointer | undefined): { readonly pointer?: JsonPointer } {
  return pointer === undefined ? {} : { pointer }
}

// The grammar has checked the escapes.
function unescaped(referenceToken: string): string {
  return referenceToken.includes('~') ? pointer.unescape(referenceToken) : referenceToken
}

// An index that no array has is kept as text: as a number it would be another one.
function indexOf(digits: IToken): number | string {
  const index = Number(digits.image)
  return Number.isSafeInteger(index) ? index : digits.image
}

function decodedName(name: IToken | undefined): string {
  const image = imageOf(name)
  return image.includes('\\') ? (JSON.parse(`"${image}"`) as string) : image
}

// ASCII only: field names are tokens.
function foldAscii(name: string): string {
  return name.toLowerCase()
}

const arazzoRoots: readonly ArazzoRoot[] = ['inputs', 'outputs', 'steps', 'workflows', 'sourceDescriptions', 'components']

function arazzoRootOf(image: string): ArazzoRoot {
  const folded = image.slice(1, -1).toLowerCase()
  return arazzoRoots.find((root) => root.toLowerCase() === folded) ?? 'inputs'
}

function componentTypeOf(image: string): ComponentsExpression['componentType'] {
  const folded = image.slice(0, -1).toLowerCase()
  return folded === 'parameters' ? 'parameters' : folded === 'successactions' ? 'successActions' : 'failureActions'
}
