import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'

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

/** Documents by path, and those in folders and below; `-` is left to the caller. */
export function inputsOf(paths: readonly string[], root: string | undefined): { inputs: Input[]; missing: MissingInput[] } {
  // One file may have several names.
  const inputs = new Map<string, Input>()
  const missing: MissingInput[] = []
  for (const path of paths) {
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat === undefined) missing.push({ name: path, message: 'there is no such file or folder' })
    else if (!stat.isDirectory()) inputs.set(realpathSync(path), { name: path, root, found: false })
    else {
      const files = documentsIn(path)
      if (files.length === 0) missing.push({ name: path, message: 'there is no OpenAPI 3 document in this folder' })
      for (const name of files) {
        const id = realpathSync(name)
        if (!inputs.has(id)) inputs.set(id, { name, root: root ?? path, found: true })
      }
    }
  }
  return { inputs: [...inputs.values()], missing }
}

function documentsIn(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name.startsWith('.') || entry.name === 'node_modules' ? [] : documentsIn(path)
    return entry.isFile() && /\.(?:ya?ml|json)$/i.test(entry.name) && isOpenApi(path) ? [path] : []
  })
}

const mostBytes = 64 * 1024 * 1024

/** By its text: parsing every YAML and JSON file of a folder would take long. */
function isOpenApi(path: string): boolean {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > mostBytes) return false
  const text = readFileSync(path, 'latin1')
  // What JSON and flow style write on any line, only the parsed value tells from the same words further inside.
  if (/^[\s\u00ef\u00bb\u00bf]*\{/.test(text)) return /"openapi"\s*:\s*"3\.[012]/.test(text) && versionOf(text) !== undefined
  return /^(?:\u00ef\u00bb\u00bf)?["']?openapi["']?[ \t]*:[ \t]*["']?3\.[012]/m.test(text)
}

function versionOf(text: string): unknown {
  try {
    return (JSON.parse(text.replace(/^\u00ef\u00bb\u00bf/, '')) as { readonly openapi?: unknown }).openapi
  } catch {
    // Broken JSON with these words in it: to be told of.
    return 'unknown'
  }
}
