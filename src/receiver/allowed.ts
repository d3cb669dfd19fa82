import type { Method } from './status.ts'

/** For Allow: what counts as a call, and what is answered besides. */
export function allowed(methods: readonly Method[]): string {
  const head = methods.includes('GET') ? (['HEAD'] as const) : []
  return [...new Set<Method>([...methods, ...head, 'OPTIONS'])].join(', ')
}
