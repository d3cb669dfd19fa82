import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export function repositoryFile(path: string): string {
  return readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8')
}

const head = "openapi: 3.1.0\ninfo: { title: Orders, version: '1' }\n"

/** A whole document around what the pages of the rules show: fields of one operation, or of the root. */
export function documentAround(fragment: string): string {
  if (/^(?:paths|components):/.test(fragment)) return head + fragment
  const responses = /^responses:/m.test(fragment) ? '' : "responses: { '202': { description: Accepted } }\n"
  const operation = `${fragment.replace(/\n?$/, '\n')}${responses}`.replace(/^(?=.)/gm, '      ')
  return `${head}paths:\n  /orders:\n    post:\n${operation}`
}

/** An operation whose request body has a required `url` and an optional `sub.url`, with this text as the key of a callback. */
export function documentWithKey(key: string): string {
  return documentAround(`parameters:
  - { name: callbackUrl, in: query, required: true, schema: { type: string } }
requestBody:
  required: true
  content:
    application/json:
      schema:
        type: object
        required: [url]
        properties: { url: { type: string }, sub: { type: object, properties: { url: { type: string } } } }
callbacks:
  called:
    ${key}:
      post: { responses: { '200': { description: OK } } }
`)
}
