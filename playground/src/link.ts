import { err, ok, type Result, strictTextOf, utf8 } from '../../src/util/index.ts'
import { type PlaygroundState, stateFrom } from './state.ts'

/**
 * The fragment of a link that carries a state: `#v1.` and the Base64url of its JSON, compressed. A fragment stays in the browser: no
 * request holds it.
 */
export async function fragmentOf(state: PlaygroundState): Promise<string> {
  const json = utf8(JSON.stringify(state))
  const bytes = await collect(streamOf(json).pipeThrough(new CompressionStream('deflate-raw')), Number.POSITIVE_INFINITY)
  return `#${version}${base64url(bytes)}`
}

/** The state in the fragment of a link, or why there is none. `undefined`: the link carries nothing. */
export async function stateOfFragment(fragment: string): Promise<Result<PlaygroundState, string> | undefined> {
  const text = fragment.startsWith('#') ? fragment.slice(1) : fragment
  if (text === '') return undefined
  if (!text.startsWith(version)) return err('The link does not carry a state that this page knows.')
  const bytes = bytesOf(text.slice(version.length))
  if (bytes === undefined) return err(damaged)
  let json: Uint8Array
  try {
    json = await collect(streamOf(bytes).pipeThrough(new DecompressionStream('deflate-raw')), mostBytes)
  } catch (error) {
    return err(error instanceof RangeError ? tooLarge : damaged)
  }
  const state = stateFrom(jsonIn(json))
  return state === undefined ? err(damaged) : ok(state)
}

const version = 'v1.'
const damaged = 'The link is damaged: some of it was lost on the way, or it was changed.'
/** Of the text in a link; a small link can hold gigabytes of zeros. */
const mostBytes = 16 * 1024 * 1024
const tooLarge = `The link holds more than ${mostBytes / 1024 / 1024} MB.`

function streamOf(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes)
      controller.close()
    },
  })
}

/** Rejects with a `RangeError` when there are more bytes than that. */
async function collect(stream: ReadableStream<Uint8Array>, most: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  const reader = stream.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    length += value.length
    if (length > most) {
      // A stream that failed as well has nothing to add.
      reader.cancel().catch(() => undefined)
      throw new RangeError(tooLarge)
    }
    chunks.push(value)
  }
  const all = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    all.set(chunk, at)
    at += chunk.length
  }
  return all
}

function base64url(bytes: Uint8Array): string {
  let binary = ''
  // As many arguments as every engine takes.
  for (let i = 0; i < bytes.length; i += 0x8000) binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000))
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[\w-]*$/.test(text)) return undefined
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0))
  } catch {
    return undefined
  }
}

function jsonIn(bytes: Uint8Array): unknown {
  const text = strictTextOf(bytes)
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}
