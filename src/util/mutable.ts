/** What is still being put together. Members that may be absent are set when they are there: a spread for each costs more. */
export type Mutable<T> = { -readonly [K in keyof T]: T[K] }
