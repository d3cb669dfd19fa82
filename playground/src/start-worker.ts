import { part } from './element.ts'

/** Not in the compiler's library yet: https://w3c.github.io/trusted-types/dist/spec/ */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string }
}

let url: string | undefined

/** Starts the worker whose text stands in the page. The only address that the page's policy lets become code. */
export function startWorker(): Worker {
  url ??= trusted(URL.createObjectURL(new Blob([part('worker', HTMLElement).textContent ?? ''], { type: 'text/javascript' })))
  return new Worker(url)
}

function trusted(address: string): string {
  const { trustedTypes } = window as { readonly trustedTypes?: TrustedTypes }
  return trustedTypes?.createPolicy('worker', { createScriptURL: (given) => given }).createScriptURL(address) ?? address
}
