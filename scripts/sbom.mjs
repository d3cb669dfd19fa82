// Prints the bill of materials of the package as CycloneDX: npm's own, and the packages whose code is in the tarball.
//   npm run --silent sbom > sbom.json
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildWhereStale } from './build/fresh.mjs'
import { grammarFolder, root, vendorFolder } from './build/paths.mjs'

buildWhereStale()
const notices = [grammarFolder, vendorFolder].map((folder) => join(folder, 'THIRD-PARTY-LICENSES.txt'))

/** @typedef {{ 'bom-ref': string, name: string }} Component */
/** @typedef {{ components: Component[], dependencies: { ref: string, dependsOn: string[] }[], metadata: { component: Component } }} Bill */
const flags = ['--package-lock-only', '--sbom-format=cyclonedx', '--sbom-type=library', '--loglevel=error']
/** @type {Bill} */
const bill = JSON.parse(execFileSync('npm', ['sbom', ...flags], { cwd: root, encoding: 'utf8' }))
const { name: ownName, dependencies, optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const product = bill.metadata.component
// npm takes the name of the folder.
product.name = ownName
keepWhatUsersGet()

const lines = notices.flatMap((path) => readFileSync(path, 'utf8').split('\n'))
const bundled = new Set(lines.filter((line) => /^@?[\w./-]+ \d+\.\d+\.\d+\S* \(.+\)$/.test(line)))
for (const line of bundled) {
  const [name = '', version, license = ''] = line.split(' ')
  const ref = `${name}@${version}`
  if (bill.components.some((component) => component['bom-ref'] === ref)) continue
  const component = {
    'bom-ref': ref,
    type: 'library',
    name,
    version,
    scope: 'required',
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    properties: [{ name: 'ringback:bundled', value: 'true' }],
    licenses: [{ license: { id: license.slice(1, -1) } }],
  }
  bill.components.push(component)
  bill.dependencies.push({ ref, dependsOn: [] })
  bill.dependencies.find((one) => one.ref === product['bom-ref'])?.dependsOn.push(ref)
}
console.log(JSON.stringify(bill, undefined, 2))

// npm's own --omit=dev also leaves out what is needed by both, users and developers.
function keepWhatUsersGet() {
  const names = new Set(Object.keys({ ...dependencies, ...optionalDependencies }))
  const graph = new Map(bill.dependencies.map((one) => [one.ref, one]))
  const nameOf = new Map(bill.components.map((component) => [component['bom-ref'], component.name]))
  const own = graph.get(product['bom-ref'])
  if (own) own.dependsOn = own.dependsOn.filter((ref) => names.has(nameOf.get(ref) ?? ''))
  const kept = new Set([product['bom-ref']])
  for (const ref of kept) for (const next of graph.get(ref)?.dependsOn ?? []) kept.add(next)
  bill.components = bill.components.filter((component) => kept.has(component['bom-ref']))
  bill.dependencies = bill.dependencies.filter(({ ref }) => kept.has(ref))
}
