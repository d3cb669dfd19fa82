import type { DescriptionFile, UnavailableFile } from '../openapi/index.ts'
import type { Result } from '../util/index.ts'
import { externalReferences } from './external-references.ts'

export interface Crawled {
  readonly files: ReadonlyMap<string, DescriptionFile>
  readonly unavailable: ReadonlyMap<string, UnavailableFile>
}

/** Reads and parses one file that `from` refers to. Never rejects. */
export type Fetch = (uri: string, from: DescriptionFile) => Promise<Result<DescriptionFile, UnavailableFile>>

/**
 * Every file that can be reached from the entry document, each fetched once.
 *
 * The crawling is json-schema-ref-parser's, but with its resolvers and parsers replaced: it is only ever shown the list of a file's
 * outgoing references, so it can neither read, nor change, nor expand anything of the documents themselves.
 */
export async function crawl(entry: DescriptionFile, fetch: Fetch): Promise<Crawled> {
  const files = new Map([[entry.uri, entry]])
  const unavailable = new Map<string, UnavailableFile>()
  const referrers = new Map<string, DescriptionFile>()
  const outgoing = (file: DescriptionFile): { $ref: string }[] => {
    const uris = externalReferences(file).filter((uri) => !files.has(uri) && uri !== entry.baseUri)
    for (const uri of uris) if (!referrers.has(uri)) referrers.set(uri, file)
    return uris.map((uri) => ({ $ref: uri }))
  }
  const references = outgoing(entry)
  if (references.length === 0) return { files, unavailable }
  const read = async ({ url }: { readonly url: string }): Promise<object> => {
    const fetched = await fetch(url, referrers.get(url) ?? entry)
    if (!fetched.ok) unavailable.set(url, fetched.error)
    else files.set(url, fetched.value)
    return { references: fetched.ok ? outgoing(fetched.value) : [] }
  }
  // Loaded only now: most descriptions are one file, and it takes longer to load than they take to read.
  const { $RefParser } = await import('@apidevtools/json-schema-ref-parser')
  await new $RefParser().resolve(
    entryPath,
    { references },
    {
      mutateInputSchema: true,
      resolve: { file: false, http: false, description: { order: 1, canRead: true, read } },
      parse: {
        json: false,
        yaml: false,
        text: false,
        binary: false,
        references: { order: 1, canParse: true, allowEmpty: true, parse: ({ data }: { readonly data: unknown }) => data },
      },
    },
  )
  return { files, unavailable }
}

/** Any absolute URI will do: all references are absolute when they are shown. */
const entryPath = 'ringback://entry/'
