import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }

const root = fileURLToPath(new URL('../..', import.meta.url))

test('the bill of materials names dependencies, and what is bundled, and nothing that is for development alone', () => {
  const bill = JSON.parse(execFileSync(process.execPath, ['scripts/sbom.mjs'], { cwd: root, encoding: 'utf8' }))

  expect(bill).toMatchObject({
    bomFormat: 'CycloneDX',
    metadata: { component: { name: 'ringback', version: packageJson.version } },
  })
  const components: { name: string; version: string; purl: string; licenses: unknown[] }[] = bill.components
  const names = components.map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining([...Object.keys(packageJson.dependencies), 'libsql']))
  expect(names).toEqual(expect.arrayContaining(['chevrotain', 'get-east-asian-width', 'json-pointer', 'foreach']))
  expect(names).not.toEqual(expect.arrayContaining(['vitest']))
  expect(names).not.toEqual(expect.arrayContaining(['esbuild']))
  expect(components.filter(({ licenses }) => licenses === undefined || licenses.length === 0)).toEqual([])

  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const chevrotain = components.find(({ name }) => name === 'chevrotain')
  expect(chevrotain?.version).toBe(lock.packages['node_modules/chevrotain'].version)
  expect(chevrotain?.purl).toBe(`pkg:npm/chevrotain@${chevrotain?.version}`)
  // Every reference of the graph leads to a component.
  const references = new Set(components.map((component) => (component as unknown as { 'bom-ref': string })['bom-ref']))
  const dangling = bill.dependencies.flatMap(({ dependsOn }: { dependsOn: string[] }) =>
    dependsOn.filter((ref) => !references.has(ref)),
  )
  expect(dangling).toEqual([])
}, 60_000)
