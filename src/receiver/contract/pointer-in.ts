import type { Located, OpenApiDescription } from '../../openapi/index.ts'

/** Where something stands, for people and tools: `#/paths/…`, with the file before it where it is not the entry document. */
export function pointerIn({ file }: OpenApiDescription, at: Located): string {
  return `${at.file.uri === file.uri ? '' : at.file.name}#${at.pointer}`
}
