import { checkNames } from '../util/index.ts'
import type { ClaimCheck, CreateOptions } from './create-options.ts'
import type { DedupePolicy } from './dedupe.ts'

const dedupeNames: Readonly<Record<keyof DedupePolicy, true>> = { headers: true, key: true }
const claimCheckNames: Readonly<Record<keyof ClaimCheck, true>> = { param: true, fetch: true }

/** Throws `TypeError` where an option inside of an option is misspelt, or is not what it must be: it would silently change nothing. */
export function checkNested({ dedupe, claimCheck, confirm, challenges }: CreateOptions): void {
  if (dedupe !== undefined && dedupe !== false) checkDedupe(dedupe)
  if (claimCheck !== undefined) {
    checkNames(claimCheck, claimCheckNames, 'claimCheck')
    expectType(claimCheck.fetch, 'function', 'claimCheck.fetch')
    if (claimCheck.param !== undefined) expectType(claimCheck.param, 'string', 'claimCheck.param')
  }
  if (confirm !== undefined && typeof confirm !== 'boolean') {
    checkNames(confirm, { html: true }, 'confirm')
    expectType(confirm.html, 'function', 'confirm.html')
  }
  if (challenges !== undefined) {
    checkNames(challenges, { cloudEvents: true }, 'challenges')
    const { cloudEvents } = challenges
    if (cloudEvents !== undefined && cloudEvents !== true) expectTexts(cloudEvents, 'challenges.cloudEvents')
  }
}

function checkDedupe(dedupe: DedupePolicy): void {
  checkNames(dedupe, dedupeNames, 'dedupe')
  const { headers, key } = dedupe
  if (headers === undefined && key === undefined)
    throw new TypeError('Expected dedupe with headers or key but found neither: without deduplication it is false')
  if (headers !== undefined) expectTexts(headers, 'dedupe.headers')
  if (key === undefined) return
  expectType(key, 'function', 'dedupe.key')
  if (Object.prototype.toString.call(key) === '[object AsyncFunction]')
    throw new TypeError('Expected dedupe.key to be a function that gives its text at once but found an async one')
}

function expectType(value: unknown, type: 'function' | 'string', name: string): void {
  if (typeof value === type) return
  const found = value === null ? 'null' : typeof value
  throw new TypeError(`Expected ${name} to be ${type === 'function' ? 'a function' : 'text'} but found ${found}`)
}

function expectTexts(value: unknown, name: string): void {
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return
  throw new TypeError(`Expected ${name} to be a list of texts but found ${Array.isArray(value) ? 'others in it' : typeof value}`)
}
