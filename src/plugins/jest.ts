import type { CallbackMatchers } from './callback-matchers.ts'

export { matchers } from '../testing/index.ts'
export type { CallbackMatchers }

declare global {
  namespace jest {
    interface Matchers<R, T> extends CallbackMatchers<R> {}
  }
}

// What `@jest/globals` gives has its matchers from here.
declare module 'expect' {
  interface Matchers<R extends void | Promise<void>, T = unknown> extends CallbackMatchers<R> {}
}
