import type { CallbackMatchers } from './callback-matchers.ts'

export { matchers } from '../testing/index.ts'
export type { CallbackMatchers }

declare global {
  namespace jest {
    interface Matchers<R, T> extends CallbackMatchers<R> {}
  }
}
