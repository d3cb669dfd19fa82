export { type ReadOptions, readDescription } from './read-description.ts'
export type { Reader } from './reader.ts'
