import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { checkArchitecture, type Rules, type SourceFile } from './support/architecture.ts'
import { ALLOWANCES, BROWSER_FLOORS, FLOORS } from './support/floors.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

const rules: Rules = {
  floors: FLOORS,
  browserFloors: BROWSER_FLOORS,
  allowances: ALLOWANCES,
}

function sources(): SourceFile[] {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => `src/${path.replaceAll('\\', '/')}`)
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

describe('the house', () => {
  test('stands', () => {
    expect(checkArchitecture(sources(), rules)).toEqual([])
  })

  test('has its floors in order: each may import only floors above it in the table', () => {
    const above = new Set<string>()
    for (const [floor, mayImport] of Object.entries(FLOORS)) {
      expect(mayImport.filter((other) => !above.has(other)).map((other) => `${floor} -> ${other}`)).toEqual([])
      above.add(floor)
    }
  })

  test('is what docs/architecture.md says', () => {
    const rows = readFileSync(join(root, 'docs/architecture.md'), 'utf8').matchAll(/^\| *`([^`]+)` *\|.*\| *([^|]+?) *\|$/gm)
    const told = Array.from(rows, ([, name = '', cell = '']) => [nameOf(name), floorsIn(nameOf(name), cell)])
    expect(told).toEqual(Object.entries(FLOORS).map(([name, floors]) => [name, [...floors].sort()]))
  })
})

function nameOf(part: string): string {
  return part === 'index.ts' ? '' : part
}

/** `–`, or names in backticks, or "all above" with the names in backticks that are not meant. */
function floorsIn(floor: string, cell: string): string[] {
  const named = Array.from(cell.matchAll(/`([^`]+)`/g), ([, name = '']) => name)
  if (!cell.startsWith('all above')) return named.sort()
  const names = Object.keys(FLOORS)
  return names
    .slice(0, names.indexOf(floor))
    .filter((name) => !named.includes(name))
    .sort()
}

const small: Rules = {
  floors: { util: [], http: ['util'], dispatcher: ['util', 'http'], middleware: ['util'] },
  browserFloors: ['http'],
  allowances: [
    { files: 'src/dispatcher/', externals: ['undici', 'node:net'] },
    { files: 'src/middleware/express.ts', externals: ['express'], typesOnly: true },
  ],
}

const SOUND: Readonly<Record<string, string>> = {
  'src/util/index.ts': `export { now } from './clock.ts'`,
  'src/util/clock.ts': `export const now = Date.now`,
  'src/http/index.ts': `import { now } from '../util/index.ts'\nexport * from './one.ts'`,
  'src/http/one.ts': `export const one = 1`,
  'src/dispatcher/index.ts': `import { request } from 'undici'\nimport { isIP } from 'node:net'\nexport * from './store/index.ts'`,
  'src/dispatcher/store/index.ts': `import { one } from '../../http/index.ts'\nexport * from './memory.ts'`,
  'src/dispatcher/store/memory.ts': `export const memory = 1`,
  'src/middleware/express.ts': `import type { Request } from 'express'\nimport { type Response } from 'express'`,
}

function check(changes: Readonly<Record<string, string>>): string[] {
  return checkArchitecture(
    Object.entries({ ...SOUND, ...changes }).map(([path, text]) => ({ path, text })),
    small,
  )
}

test('a sound house has no problems', () => {
  expect(check({})).toEqual([])
})

const BREAKS: [name: string, path: string, text: string, problem: string][] = [
  [
    'a floor that is not listed',
    'src/util/x.ts',
    `import { one } from '../http/index.ts'`,
    ':1: util must not import http (src/http/index.ts)',
  ],
  [
    'the same, for a type',
    'src/util/x.ts',
    `\nimport type { one } from '../http/index.ts'`,
    ':2: util must not import http (src/http/index.ts)',
  ],
  [
    'the same, exported on',
    'src/util/x.ts',
    `export * from '../http/index.ts'`,
    ':1: util must not import http (src/http/index.ts)',
  ],
  [
    'the same, in a type',
    'src/util/x.ts',
    `export type One = import('../http/index.ts').One`,
    ':1: util must not import http (src/http/index.ts)',
  ],
  [
    'the same, at run time',
    'src/util/x.ts',
    `export const one = () => import('../http/index.ts')`,
    ':1: util must not import http (src/http/index.ts)',
  ],
  [
    'a deep import',
    'src/http/x.ts',
    `import { now } from '../util/clock.ts'`,
    ':1: imports src/util/clock.ts: enter another floor through src/util/index.ts',
  ],
  [
    'a deep import inside a floor',
    'src/dispatcher/x.ts',
    `import { memory } from './store/memory.ts'`,
    ':1: imports src/dispatcher/store/memory.ts: enter the folder through src/dispatcher/store/index.ts',
  ],
  ['a file that is not there', 'src/http/x.ts', `import './y.ts'`, ':1: imports ./y.ts, which is no file of src'],
  ['a file outside of src', 'src/http/x.ts', `import '../../test/x.ts'`, ':1: imports ../../test/x.ts, which is no file of src'],
  ['a package', 'src/http/x.ts', `import { request } from 'undici'`, ':1: imports undici, which is not listed for this file'],
  [
    'a file of a package',
    'src/util/x.ts',
    `import '@scope/name/deep.js'`,
    ':1: imports @scope/name, which is not listed for this file',
  ],
  [
    'a package through require',
    'src/util/x.ts',
    `const undici = require('undici')`,
    ':1: imports undici, which is not listed for this file',
  ],
  [
    'a package through a loader of another name',
    'src/http/lazy.ts',
    `import { createRequire } from 'node:module'\nconst load = createRequire(import.meta.url)\nload('undici')`,
    ':3: imports undici, which is not listed for this file',
  ],
  [
    'a node: module',
    'src/util/x.ts',
    `import { readFile } from 'node:fs/promises'`,
    ':1: imports node:fs/promises, which is not listed for this file',
  ],
  [
    'one without its prefix',
    'src/dispatcher/x.ts',
    `import { isIP } from 'net'`,
    ':1: imports net, which is not listed for this file',
  ],
  [
    'one through process',
    'src/util/x.ts',
    `process.getBuiltinModule('node:fs')`,
    ':1: imports node:fs, which is not listed for this file',
  ],
  [
    'a node: module for browsers',
    'src/http/x.ts',
    `import type { Server } from 'node:http'`,
    ':1: imports node:http, but http has to run in a browser',
  ],
  [
    'a framework for its values',
    'src/middleware/express.ts',
    `import express, { type Request } from 'express'`,
    ':1: imports express for more than its types',
  ],
  ['a # name', 'src/http/x.ts', `import { one } from '#other'`, ':1: imports #other, which is no file of src'],
  [
    'a computed name',
    'src/util/x.ts',
    `export const load = (name: string) => import(name)`,
    ':1: imports a computed name, which nobody can check',
  ],
]
test.each(BREAKS)('%s is found', (_name, path, text, problem) => {
  expect(check({ [path]: text })).toContain(`${path}${problem}`)
})

test('a folder that is not in the table is found', () => {
  expect(check({ 'src/queue/index.ts': '' })).toEqual(['src/queue: this folder is not in the table of floors'])
})

const CYCLES: [name: string, files: Readonly<Record<string, string>>, cycle: string][] = [
  [
    'of two',
    { 'src/util/a.ts': `import './b.ts'`, 'src/util/b.ts': `import './a.ts'` },
    'src/util/a.ts -> src/util/b.ts -> src/util/a.ts',
  ],
  [
    'of types',
    {
      'src/util/a.ts': `import type { B } from './b.ts'`,
      'src/util/b.ts': `export type { C } from './c.ts'`,
      'src/util/c.ts': `export type C = import('./a.ts').A`,
    },
    'src/util/a.ts -> src/util/b.ts -> src/util/c.ts -> src/util/a.ts',
  ],
  ['of one', { 'src/util/a.ts': `export * from './a.ts'` }, 'src/util/a.ts -> src/util/a.ts'],
  [
    'through the door of a floor',
    { 'src/http/one.ts': `export * from './index.ts'` },
    'src/http/index.ts -> src/http/one.ts -> src/http/index.ts',
  ],
]
test.each(CYCLES)('a cycle %s is found once, with its way', (_name, files, cycle) => {
  expect(check(files)).toEqual([`cycle of imports: ${cycle}`])
})

test('an allowance that nobody needs is found', () => {
  expect(check({ 'src/dispatcher/index.ts': `import 'undici'` })).toEqual(['src/dispatcher/ may import node:net, but does not'])
  const { 'src/middleware/express.ts': _, ...files } = SOUND
  const left = Object.entries(files).map(([path, text]) => ({ path, text }))
  expect(checkArchitecture(left, small)).toEqual(['src/middleware/express.ts may import express, but there is no such file'])
})

test('a file that is not TypeScript is not passed over', () => {
  expect(() => check({ 'src/util/x.ts': 'import {' })).toThrow('src/util/x.ts')
})
