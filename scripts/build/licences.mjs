import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './paths.mjs'

/**
 * Keeps the notices of every package that has a file in the modules of a folder, beside them.
 * @param {string} folder
 * @param {readonly string[]} inputs paths relative to the root
 */
export function writeLicences(folder, inputs) {
  const ours = words(readFileSync(join(root, 'LICENSE'), 'utf8'))
  const packages = new Set()
  for (const input of inputs) {
    const found = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]
    if (found) packages.add(found)
  }
  /** @type {Map<string, string[]>} */
  const namesByText = new Map()
  for (const path of [...packages].sort()) {
    const { name, version, license } = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8'))
    const file = readdirSync(join(root, path)).find((entry) => /^licen[cs]e(\.|$)/i.test(entry))
    if (!file) throw new Error(`Expected a licence file in ${path} (${name}), found none: its notice cannot be kept`)
    const full = readFileSync(join(root, path, file), 'utf8')
      .replaceAll('\r\n', '\n')
      .trim()
    const text =
      words(full) === ours ? 'The Apache License, Version 2.0: the text is in LICENSE, at the root of this package.' : full
    namesByText.set(text, [...(namesByText.get(text) ?? []), `${name} ${version} (${license})`])
  }
  const head = 'The JavaScript files beside this one contain code of the packages below, under these licences.\n'
  const sections = [...namesByText].map(([text, names]) => `${names.join('\n')}\n\n${text}\n`)
  writeFileSync(join(folder, 'THIRD-PARTY-LICENSES.txt'), [head, ...sections].join(`\n${'-'.repeat(78)}\n\n`))
}

/**
 * However its lines are broken.
 * @param {string} text
 */
function words(text) {
  return text.split(/\s+/).filter(Boolean).join(' ')
}
