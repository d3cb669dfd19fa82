/// <reference types="vitest" preserve="true" />
import type { CallbackMatchers } from './callback-matchers.ts'

export { matchers } from '../testing/index.ts'
export type { CallbackMatchers }

declare module 'vitest' {
  // What is expected of does not matter: the matchers look at it themselves.
  interface Matchers<T> extends CallbackMatchers<void> {}
}
