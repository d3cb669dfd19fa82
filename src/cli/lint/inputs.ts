import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Skipped } from '../../lint/index.ts'

/** A document to lint. */
export interface Input {
  /** As it is shown: relative where the argument was. */
  readonly name: string
  /** Folder that references must stay in. `undefined`: that of the document. */
  readonly root: string | undefined
  /** It was found in a folder: it is passed over unless it is an OpenAPI 3 document. */
  readonly found: boolean
}

/** A path that was given and is not there. */
export interface MissingInput {
  readonly name: string
  readonly message: string
}

export interface Inputs {
  readonly inputs: readonly Input[]
  readonly missing: readonly MissingInput[]
  /** By name: YAML and JSON files in folders that are no inputs, and why. `undefined`: no folder was named. */
  readonly skipped: ReadonlyMap<string, keyof Skipped> | undefined
}

/** Documents by path, and those in folders and below; `-` is left to the caller. */
export function inputsOf(paths: readonly string[], root: string | undefined): Inputs {
  // One file may have several names.
  const inputs = new Map<string, Input>()
  const others = new Map<string, { readonly name: string; readonly why: keyof Skipped }>()
  let isFolder = false
  const missing: MissingInput[] = []
  for (const path of paths) {
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat === undefined) missing.push({ name: path, message: 'there is no such file or folder' })
    else if (!stat.isDirectory()) inputs.set(realpathSync(path), { name: path, root, found: false })
    else {
      isFolder = true
      let documents = 0
      const files = filesIn(path)
      for (const name of files) {
        const id = realpathSync(name)
        const why = whySkipped(name)
        if (why !== undefined) others.set(id, { name, why })
        else if (!inputs.has(id)) inputs.set(id, { name, root: root ?? path, found: true })
        if (why === undefined) documents++
      }
      if (documents === 0) missing.push({ name: path, message: noDocument(files.length) })
    }
  }
  const skipped = new Map([...others].flatMap(([id, { name, why }]) => (inputs.has(id) ? [] : [[name, why] as const])))
  return { inputs: [...inputs.values()], missing, skipped: isFolder ? skipped : undefined }
}

function noDocument(files: number): string {
  const among = files === 0 ? '' : `: none of its YAML and JSON files (${files}) is one`
  return `there is no OpenAPI 3 document in this folder${among}`
}

function filesIn(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name.startsWith('.') || entry.name === 'node_modules' ? [] : filesIn(path)
    return entry.isFile() && /\.(?:ya?ml|json)$/i.test(entry.name) ? [path] : []
  })
}

const mostBytes = 64 * 1024 * 1024

/** By its text: parsing every YAML and JSON file of a folder would take long. */
function whySkipped(path: string): keyof Skipped | undefined {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > mostBytes) return 'tooLarge'
  const text = readFileSync(path, 'latin1').replace(/^\u00ef\u00bb\u00bf/, '')
  if (/^\s*\{/.test(text)) {
    const isOurs = /"openapi"\s*:\s*"3\.[012]/.test(text)
    if (!isOurs && !/"swagger"\s*:\s*"2/.test(text)) return 'notOpenApi3'
    // What JSON and flow style write on any line, only the parsed value tells from the same words further inside.
    const { openapi, swagger } = fieldsOf(text) ?? { openapi: isOurs || undefined, swagger: true }
    if (isOurs && openapi !== undefined) return undefined
    return swagger === undefined ? 'notOpenApi3' : 'swagger2'
  }
  if (/^["']?openapi["']?[ \t]*:[ \t]*["']?3\.[012]/m.test(text)) return undefined
  return /^["']?swagger["']?[ \t]*:[ \t]*["']?2\b/m.test(text) ? 'swagger2' : 'notOpenApi3'
}

/** `undefined`: broken JSON with these words in it, to be told of. */
function fieldsOf(text: string): { readonly openapi?: unknown; readonly swagger?: unknown } | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
