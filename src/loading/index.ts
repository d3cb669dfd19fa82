export { type ReadOptions, readDescription } from './read-description.ts'
export type { Reader } from './reader.ts'
export { type RemoteReaderOptions, remoteReader } from './remote-reader.ts'
