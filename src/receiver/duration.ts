export { type Duration, milliseconds } from '../util/index.ts'
