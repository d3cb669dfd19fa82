import { nowhere } from '../openapi/index.ts'

/** What a linter calls a file, a path or a URL, as an absolute URI. */
export function fileUri(source: string | null | undefined): string {
  if (source === null || source === undefined || source === '') return nowhere
  if (/^[a-z][a-z0-9+.-]+:/i.test(source) && !/^[a-z]:/i.test(source)) return source
  const path = source.replaceAll('\\', '/')
  const encoded = path.split('/').map(encodeURIComponent).join('/').replace('%3A', ':')
  return `file://${path.startsWith('/') ? '' : '/'}${encoded}`
}
