/** So much of Jest's package `expect`, which is not installed here, that `jest.ts` can add to it. It is no part of what is built. */
declare module 'expect' {
  export interface Matchers<R extends void | Promise<void>, T = unknown> {}
}
