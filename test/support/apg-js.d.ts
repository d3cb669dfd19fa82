/** What is used of apg-js, which has no types of its own. */
declare module 'apg-js' {
  export interface Opcode {
    readonly type: number
    readonly children?: readonly number[]
    /** Of a rule, in `GrammarObject.rules`. */
    readonly index?: number
    /** Of a repetition: how often; of a range: which code points. */
    readonly min?: number
    readonly max?: number
    readonly string?: readonly number[]
  }

  export interface GrammarRule {
    readonly name: string
    readonly lower: string
    readonly opcodes: readonly Opcode[]
  }

  export interface GrammarObject {
    readonly rules: readonly GrammarRule[]
  }

  export interface SyntaxTree {
    readonly callbacks: Record<
      string,
      (state: number, codes: readonly number[], start: number, length: number, data: unknown[]) => number
    >
    translate(data: unknown[]): void
  }

  const apg: {
    readonly apgApi: new (
      abnf: string,
    ) => {
      generate(): void
      readonly errors: readonly { readonly line: number; readonly msg: string }[]
      toObject(): GrammarObject
    }
    readonly apgLib: {
      readonly ids: Readonly<
        Record<'ALT' | 'CAT' | 'REP' | 'RNM' | 'TRG' | 'TBS' | 'TLS' | 'AND' | 'NOT' | 'SEM_POST' | 'SEM_OK', number>
      >
      readonly utils: { charsToString(codes: readonly number[], start: number, length: number): string }
      readonly ast: new () => SyntaxTree
      readonly parser: new () => {
        ast: SyntaxTree | null
        parse(grammar: GrammarObject, startRule: string, input: readonly number[]): { readonly success: boolean }
      }
    }
  }
  export default apg
}
