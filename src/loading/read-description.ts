import { realpath } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import {
  type DescriptionFile,
  DocumentError,
  type DocumentLimits,
  descriptionOf,
  fileOfObject,
  limitsOf,
  nowhere,
  type OpenApiDescription,
  parseFile,
  type UnavailableFile,
} from '../openapi/index.ts'
import { err, messageOf, ok, type Result } from '../util/index.ts'
import { crawl } from './crawl.ts'
import { decode } from './decode.ts'
import { readFileInside } from './read-file.ts'
import type { Reader } from './reader.ts'
import { remoteReader } from './remote-reader.ts'
import { checkStructure } from './structure.ts'

export interface ReadOptions extends Partial<DocumentLimits> {
  /** Folder that file references must stay in, symbolic links followed. Default: the folder of the entry document. */
  readonly root?: string
  /** Where a text or an object would stand, as a path or URL: its relative references start there. Default: nowhere. */
  readonly file?: string
  /** Follow `http:` and `https:` references. Default false. */
  readonly allowRemote?: boolean
  /** The only way to the network, with `allowRemote`. One of your own must refuse addresses that a document may not reach. Default: `remoteReader()`. */
  readonly remoteReader?: Reader
  /** Also check the structure against the JSON Schema of OAS 3.0 or 3.1, and reject where it is not valid. Takes its time. Default false. */
  readonly validate?: boolean
  /** Most files of one description. Default 1,000. */
  readonly maxFiles?: number
  /**
   * Files that were parsed before, by URI: those are not read again, and what is read is added. For many descriptions that share files.
   * It must not outlive a change of the files, nor be used with another `root`.
   */
  readonly files?: Map<string, DescriptionFile>
}

const defaultMaxFiles = 1_000

/**
 * Reads an OpenAPI Description (3.0, 3.1, 3.2; YAML or JSON) with every file it refers to.
 *
 * A string with a line break, or one that starts with `{` or `openapi:`, is the document itself; any other is a path or a URL. An
 * object is taken as it is, neither copied nor changed, and has no positions. `maxBytes` and `maxNodes` hold for all files together.
 *
 * Rejects with a `DocumentError` when the entry document cannot be read. Trouble with another file is no error: the reference to it
 * has a reason instead, see `OpenApiDescription.resolve`.
 */
export async function readDescription(input: string | URL | object, options: ReadOptions = {}): Promise<OpenApiDescription> {
  const loader = new Loader(options)
  const entry = await loader.entry(input)
  // Its version is looked at before anything else is read.
  const alone = descriptionOf(entry, new Map([[entry.uri, entry]]), new Map())
  const { files, unavailable } = await crawl(entry, (uri, from) => loader.fetch(uri, from))
  const description = files.size === 1 && unavailable.size === 0 ? alone : descriptionOf(entry, files, unavailable)
  if (options.validate === true) await checkStructure(description)
  return description
}

class Loader {
  readonly #options: ReadOptions
  /** One file at a time, so that limits hold for all together. */
  #turn: Promise<unknown> = Promise.resolve()
  readonly #limits: DocumentLimits
  #bytes = 0
  #nodes = 0
  #files = 0
  #entry: DescriptionFile | undefined
  #root: Promise<string | undefined> | undefined

  constructor(options: ReadOptions) {
    this.#options = options
    this.#limits = limitsOf(options)
  }

  async entry(input: string | URL | object): Promise<DescriptionFile> {
    this.#entry = await this.#entryOf(input)
    if (this.#options.root !== undefined) await this.#rootFolder()
    return this.#entry
  }

  async #entryOf(input: string | URL | object): Promise<DescriptionFile> {
    if (input instanceof URL) return this.#entryAt(input.href, nameOf(input.href))
    if (typeof input === 'string') {
      if (isText(input)) return this.#parse(input, this.#givenUri(), this.#options.file ?? '<text>')
      if (/^(?:https?|file):/i.test(input)) return this.#entryAt(input, nameOf(input))
      return this.#entryAt(pathToFileURL(resolve(input)).href, input)
    }
    if (typeof input !== 'object' || input === null || ArrayBuffer.isView(input))
      throw new TypeError('readDescription expects a path, a URL, a text or an object')
    return fileOfObject(input, this.#givenUri(), this.#options.file ?? '<object>')
  }

  async #entryAt(uri: string, name: string): Promise<DescriptionFile> {
    const known = this.#options.files?.get(uri)
    if (known !== undefined) return known
    const bytes = isRemote(uri) ? await this.#remote(uri) : await readFileInside(uri, undefined, this.#limits.maxBytes)
    if (!bytes.ok) throw new DocumentError(sentence(bytes.error), { file: name })
    const text = decode(bytes.value)
    if (!text.ok) throw new DocumentError(text.error, { file: name })
    return this.#parse(text.value, uri, name, bytes.value.length)
  }

  fetch(uri: string, from: DescriptionFile): Promise<Result<DescriptionFile, UnavailableFile>> {
    const fetched = this.#turn.then(() => this.#fetch(uri, from))
    this.#turn = fetched
    return fetched
  }

  async #fetch(uri: string, from: DescriptionFile): Promise<Result<DescriptionFile, UnavailableFile>> {
    if (++this.#files >= (this.#options.maxFiles ?? defaultMaxFiles))
      return unreadable('the description has more files than "maxFiles" allows')
    const known = this.#options.files?.get(uri)
    // What came over the network must not learn of files, whoever read them before.
    if (known !== undefined && (isRemote(uri) || !isRemote(from.uri))) return ok(known)
    const bytes = await this.#read(uri, from)
    if (!bytes.ok) return bytes
    const text = decode(bytes.value)
    if (!text.ok) return unreadable(text.error)
    try {
      return ok(this.#parse(text.value, uri, this.#nameOf(uri), bytes.value.length))
    } catch (error) {
      if (error instanceof DocumentError) return unreadable(error.message)
      throw error
    }
  }

  async #read(uri: string, from: DescriptionFile): Promise<Result<Uint8Array | string, UnavailableFile>> {
    const retrieved = this.#retrievalUri(uri)
    if (retrieved !== uri) {
      const here = await this.#read(retrieved, from)
      if (here.ok || here.error.reason !== 'not-found') return here
    }
    if (isRemote(uri)) return this.#remote(uri)
    if (uri.startsWith(nowhere.slice(0, nowhere.indexOf(':') + 1))) {
      return err({
        reason: 'not-found',
        message: 'the document was given without a place, so nothing stands relative to it (option "file")',
      })
    }
    if (!uri.startsWith('file:')) return unreadable(`nothing here reads ${uri.slice(0, uri.indexOf(':') + 1)} URIs`)
    if (isRemote(from.uri))
      return err({ reason: 'outside-root', message: `${from.name} came over the network and must not refer to files` })
    const root = await this.#rootFolder()
    if (root === undefined)
      return err({
        reason: 'outside-root',
        message: 'the document has no folder that its files could be in (options "file" and "root")',
      })
    return readFileInside(uri, root, this.#limits.maxBytes - this.#bytes)
  }

  async #remote(uri: string): Promise<Result<Uint8Array | string, UnavailableFile>> {
    const { allowRemote = false, remoteReader: given } = this.#options
    if (!allowRemote) {
      return err({ reason: 'remote-not-allowed', message: `${uri} is on the network, and reading from there is off` })
    }
    try {
      return ok(await (given ?? remoteReader()).read(uri))
    } catch (error) {
      return unreadable(`${uri} cannot be read (${messageOf(error)})`)
    }
  }

  /** With `$self`, what stands beside the document's own URI is looked for beside the document first (OAS 3.2, appendix G). */
  #retrievalUri(uri: string): string {
    const entry = this.#entry
    if (entry === undefined || entry.baseUri === entry.uri) return uri
    const folder = new URL('.', entry.baseUri).href
    return uri.startsWith(folder) ? new URL(uri.slice(folder.length), entry.uri).href : uri
  }

  #rootFolder(): Promise<string | undefined> {
    this.#root ??= this.#options.root === undefined ? this.#folderOfEntry() : existing(this.#options.root)
    return this.#root
  }

  async #folderOfEntry(): Promise<string | undefined> {
    const uri = this.#entry?.uri ?? ''
    // The place that a text was given need not exist.
    return uri.startsWith('file:') ? realpath(dirname(fileURLToPath(uri))).catch(() => undefined) : undefined
  }

  #parse(text: string, uri: string, name: string, bytes: number = text.length): DescriptionFile {
    const left = { ...this.#limits, maxBytes: this.#limits.maxBytes - this.#bytes, maxNodes: this.#limits.maxNodes - this.#nodes }
    this.#bytes += bytes
    const file = parseFile(text, uri, name, left)
    this.#nodes += file.source?.nodes.size ?? 0
    if (uri !== nowhere) this.#options.files?.set(uri, file)
    return file
  }

  #givenUri(): string {
    const { file } = this.#options
    if (file === undefined) return nowhere
    return /^(?:https?|file):/i.test(file) ? new URL(file).href : pathToFileURL(resolve(file)).href
  }

  /** Beside the entry document as the caller named it. */
  #nameOf(uri: string): string {
    const entry = this.#entry
    if (entry === undefined || !uri.startsWith('file:') || !entry.uri.startsWith('file:') || isAbsolute(entry.name))
      return nameOf(uri)
    return join(dirname(entry.name), relative(dirname(fileURLToPath(entry.uri)), fileURLToPath(uri)))
  }
}

async function existing(folder: string): Promise<string> {
  try {
    return await realpath(folder)
  } catch (cause) {
    throw new DocumentError('expected a root folder that exists', { file: folder }, { cause })
  }
}

function isText(input: string): boolean {
  return input === '' || /[\n\r]/.test(input) || /^\s*(?:\{|"?(?:openapi|swagger)"?\s*:)/.test(input)
}

function isRemote(uri: string): boolean {
  return /^https?:/i.test(uri)
}

function nameOf(uri: string): string {
  return uri.startsWith('file:') ? fileURLToPath(uri) : uri
}

function unreadable(message: string): { readonly ok: false; readonly error: UnavailableFile } {
  return err({ reason: 'unreadable', message })
}

function sentence(unavailable: UnavailableFile): string {
  return `expected an OpenAPI Description but ${unavailable.message}`
}
