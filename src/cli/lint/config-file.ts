import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { CORE_SCHEMA, load } from 'js-yaml'
import { type LintOptions, problemOfOptions } from '../../lint/index.ts'
import { messageOf } from '../../util/index.ts'

/** A configuration that cannot be used; the command was used incorrectly. */
export class ConfigurationError extends Error {}

const names = ['ringback.config.json', 'ringback.config.yaml', 'ringback.config.yml']

/** The options in `file`, or in the first of the usual places of a folder; none when there is no such file. */
export function readConfiguration(file: string | undefined, folder: string): LintOptions {
  if (file !== undefined) {
    if (!existsSync(file)) throw new ConfigurationError(`${file}: there is no such file.`)
    return optionsIn(resolve(file), file, file.endsWith('package.json'))
  }
  for (const name of names) if (existsSync(join(folder, name))) return optionsIn(join(folder, name), name, false)
  const manifest = join(folder, 'package.json')
  return existsSync(manifest) ? optionsIn(manifest, 'package.json', true) : {}
}

function optionsIn(path: string, name: string, isManifest: boolean): LintOptions {
  const value = parsed(readFileSync(path, 'utf8'), name)
  const options = isManifest ? (value as { readonly ringback?: unknown } | null)?.ringback : value
  if (isManifest && options === undefined) return {}
  const problem = problemOfOptions(options)
  if (problem !== undefined) throw new ConfigurationError(`${name}${isManifest ? '#ringback' : ''}: ${problem}.`)
  return options as LintOptions
}

function parsed(text: string, name: string): unknown {
  try {
    return name.endsWith('.json') ? JSON.parse(text) : load(text, { schema: CORE_SCHEMA })
  } catch (error) {
    throw new ConfigurationError(`${name} cannot be read: ${messageOf(error)}`, {
      cause: error,
    })
  }
}
