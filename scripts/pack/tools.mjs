import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../build/paths.mjs'

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** @type {[subPath: string, file: string][]} */
export const doors = Object.entries(manifest.exports).map(([subPath, target]) => [
  subPath,
  (typeof target === 'string' ? target : target.default).slice(2),
])

/** The names under which the package's modules are imported. */
export const moduleNames = doors.filter(([, file]) => file.endsWith('.js')).map(([subPath]) => `ringback${subPath.slice(1)}`)

/** Those that have to run in a browser. */
export const namesForBrowsers = ['ringback/expression', 'ringback/openapi', 'ringback/lint']

/**
 * @param {string} what
 * @param {readonly string[]} found
 */
export function refuse(what, found) {
  if (found.length > 0) throw new Error(`The package ${what}:\n${found.map((one) => `  ${one}`).join('\n')}`)
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, quiet?: boolean }} [options]
 */
export function run(command, args, { cwd = root, quiet = false } = {}) {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', quiet ? 'pipe' : 'inherit', 'inherit'] })
}

/** @param {number} bytes */
export function kilobytes(bytes) {
  return `${(bytes / 1000).toFixed(1)} KB`
}
