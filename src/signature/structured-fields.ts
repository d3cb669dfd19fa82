import { err, ok, type Result } from '../util/index.ts'

/** A value of Structured Field Values for HTTP (RFC 8941, 3.3). */
export type BareItem =
  | { readonly kind: 'integer'; readonly value: number }
  | { readonly kind: 'decimal'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'token'; readonly value: string }
  | { readonly kind: 'bytes'; readonly value: Uint8Array }
  | { readonly kind: 'boolean'; readonly value: boolean }

export type Parameters = ReadonlyMap<string, BareItem>

export interface Item {
  readonly kind: 'item'
  readonly value: BareItem
  readonly parameters: Parameters
}

export interface InnerList {
  readonly kind: 'inner-list'
  readonly items: readonly Item[]
  readonly parameters: Parameters
}

export type Dictionary = ReadonlyMap<string, Item | InnerList>

/** Parses a Dictionary (RFC 8941, 4.2.2), strictly; but a key that stands twice is an error here: which one would be signed? */
export function parseDictionary(text: string): Result<Dictionary, string> {
  try {
    return ok(new Parser(text).dictionary())
  } catch (error) {
    if (error instanceof SyntaxError) return err(error.message)
    throw error
  }
}

export function serializeInnerList({ items, parameters }: InnerList): string {
  return `(${items.map(serializeItem).join(' ')})${serializeParameters(parameters)}`
}

export function serializeItem({ value, parameters }: Item): string {
  return serializeBareItem(value) + serializeParameters(parameters)
}

export function serializeBareItem(item: BareItem): string {
  switch (item.kind) {
    case 'integer':
      return String(item.value)
    case 'decimal':
      return Number.isInteger(item.value) ? item.value.toFixed(1) : String(item.value)
    case 'string':
      if (!/^[ -~]*$/.test(item.value)) throw new TypeError('Expected a string of printable ASCII characters.')
      return `"${item.value.replace(/["\\]/g, '\\$&')}"`
    case 'token':
      return item.value
    case 'bytes':
      return `:${Buffer.from(item.value).toString('base64')}:`
    case 'boolean':
      return item.value ? '?1' : '?0'
  }
}

function serializeParameters(parameters: Parameters): string {
  let text = ''
  for (const [key, value] of parameters) {
    text += value.kind === 'boolean' && value.value ? `;${key}` : `;${key}=${serializeBareItem(value)}`
  }
  return text
}

const keyForm = /[a-z*][a-z0-9_.*-]*/y
const numberForm = /-?\d+(\.\d+)?/y
const stringForm = /"(?:[ !#-[\]-~]|\\["\\])*"/y
const tokenForm = /[A-Za-z*][!#$%&'*+.^_`|~0-9A-Za-z:/-]*/y
// Base64 with its padding: two spellings of one value would be two signature bases.
const bytesForm = /:((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?):/y
const booleanForm = /\?[01]/y
const spaceForm = / */y
const optionalWhitespaceForm = /[ \t]*/y

class Parser {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  dictionary(): Dictionary {
    const members = new Map<string, Item | InnerList>()
    this.#take(spaceForm)
    while (this.#at < this.#text.length) {
      const key = this.#need(keyForm, 'a key')
      if (members.has(key)) this.#fail(`the key ${key} once`)
      members.set(key, this.#skip('=') ? this.#member() : this.#flag())
      this.#take(optionalWhitespaceForm)
      if (this.#at === this.#text.length) break
      if (!this.#skip(',')) this.#fail('"," or the end')
      this.#take(optionalWhitespaceForm)
      if (this.#at === this.#text.length) this.#fail('a key')
    }
    return members
  }

  #flag(): Item {
    return { kind: 'item', value: { kind: 'boolean', value: true }, parameters: this.#parameters() }
  }

  #member(): Item | InnerList {
    if (!this.#skip('(')) return this.#item()
    const items: Item[] = []
    for (;;) {
      const spaces = this.#take(spaceForm)
      if (this.#skip(')')) return { kind: 'inner-list', items, parameters: this.#parameters() }
      if (items.length > 0 && spaces === '') this.#fail('" " or ")"')
      items.push(this.#item())
    }
  }

  #item(): Item {
    return { kind: 'item', value: this.#bareItem(), parameters: this.#parameters() }
  }

  #parameters(): Parameters {
    const parameters = new Map<string, BareItem>()
    while (this.#skip(';')) {
      this.#take(spaceForm)
      const key = this.#need(keyForm, 'a key')
      if (parameters.has(key)) this.#fail(`the parameter ${key} once`)
      parameters.set(key, this.#skip('=') ? this.#bareItem() : { kind: 'boolean', value: true })
    }
    return parameters
  }

  #bareItem(): BareItem {
    const first = this.#text.charAt(this.#at)
    if (first === '"') return { kind: 'string', value: this.#need(stringForm, 'a string').slice(1, -1).replace(/\\(.)/g, '$1') }
    if (first === ':') {
      return { kind: 'bytes', value: Buffer.from(this.#need(bytesForm, 'base64 between colons').slice(1, -1), 'base64') }
    }
    if (first === '?') return { kind: 'boolean', value: this.#need(booleanForm, '"?0" or "?1"') === '?1' }
    if (/[A-Za-z*]/.test(first)) return { kind: 'token', value: this.#need(tokenForm, 'a token') }
    const digits = this.#need(numberForm, 'a value')
    const [whole = '', fraction] = digits.replace('-', '').split('.')
    if (whole.length > (fraction === undefined ? 15 : 12) || (fraction ?? '').length > 3) this.#fail('a number of fewer digits')
    return { kind: fraction === undefined ? 'integer' : 'decimal', value: Number(digits) }
  }

  #take(form: RegExp): string | undefined {
    form.lastIndex = this.#at
    const found = form.exec(this.#text)?.[0]
    if (found !== undefined) this.#at += found.length
    return found
  }

  #need(form: RegExp, what: string): string {
    return this.#take(form) ?? this.#fail(what)
  }

  #skip(character: string): boolean {
    if (this.#text.charAt(this.#at) !== character) return false
    this.#at++
    return true
  }

  #fail(expected: string): never {
    throw new SyntaxError(`Expected ${expected} at offset ${this.#at}.`)
  }
}
