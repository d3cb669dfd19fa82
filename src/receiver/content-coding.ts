import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate } from 'node:zlib'

export type Decompressed =
  | { readonly kind: 'plain'; readonly bytes: Uint8Array }
  | { readonly kind: 'unsupported' | 'too-large' | 'malformed' }

const decoders: Readonly<Record<string, (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>>> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
}

/** The codings that can be undone, for Accept-Encoding. */
export const contentCodings = 'gzip, deflate, br'

/** Undoes one content coding, up to `maxBytes`; 0 refuses all of them. */
export async function decompress(bytes: Uint8Array, coding: string | undefined, maxBytes: number): Promise<Decompressed> {
  const name = coding?.trim().toLowerCase() ?? 'identity'
  if (name === 'identity' || name === '') return { kind: 'plain', bytes }
  const decoder = Object.hasOwn(decoders, name) ? decoders[name] : undefined
  if (decoder === undefined || maxBytes === 0) return { kind: 'unsupported' }
  try {
    return { kind: 'plain', bytes: new Uint8Array(await decoder(bytes, { maxOutputLength: maxBytes })) }
  } catch (error) {
    return { kind: (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'too-large' : 'malformed' }
  }
}
