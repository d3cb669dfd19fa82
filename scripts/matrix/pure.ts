// What the parts that need no Node make of every document of the tests, as lines of text: every runtime has to print the same.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { matchCallbackUrl, resolveCallbacks, resolveLink, safeBuildCallbackRequest } from 'ringback'
import { explain, repair, safeParseTemplate } from 'ringback/expression'
import { applyFixes, formatReport, lintText, reportFormats } from 'ringback/lint'
import { callbacksOf, linksOf, operationsOf, responsesOf } from 'ringback/openapi'

const folders = process.argv.slice(2)
const files = folders.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ya?ml|json)$/.test(name))
    .sort()
    .map((name) => join(folder, name)),
)

const url = 'https://client.example/calls?a=1#x'
const value = { url, callbackUrl: url, callback_url: url, id: 'ö/1', nested: { url, list: [url, null, 1.5, true] } }
const request = {
  method: 'POST',
  url: 'https://api.example/things?callbackUrl=https%3A%2F%2Fclient.example',
  headers: { 'content-type': 'application/json', 'x-callback': url },
  path: { id: '1' },
  query: { callbackUrl: url, token: 'a&b' },
  body: value,
}
const exchange = { id: 'one', request, response: { status: 201, headers: { location: '/things/1' }, body: value } }

function tell(what: string, told: unknown): void {
  // An operation is a part of the document, with all that is around it.
  console.log(`${what} ${JSON.stringify(told, (name, member) => (name === 'operation' ? undefined : member))}`)
}

for (const file of files) {
  const text = readFileSync(file, 'utf8')
  const result = lintText(text, { file, preset: 'strict' })
  const { problems, summary, description } = result
  tell(file, { problems, summary })
  const fixes = problems.flatMap(({ fix }) => fix ?? [])
  tell('fixed', applyFixes(text, fixes))
  if (description === undefined) continue
  for (const format of reportFormats) tell(format, formatReport(result, format, { textOf: () => text }))
  for (const operation of operationsOf(description)) {
    for (const { keys } of callbacksOf(operation))
      for (const { key } of keys)
        tell(key, [explain(key, { exchange }), repair(key), safeParseTemplate(key), matchCallbackUrl(key, url)])
    for (const { callback, target } of resolveCallbacks(description, operation, exchange)) {
      tell(callback, target)
      if (target.ok) tell('request', safeBuildCallbackRequest(target.value, { body: value, description }))
    }
    for (const link of responsesOf(operation).flatMap(linksOf)) tell(link.name, resolveLink(description, link, exchange))
  }
}
