import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { load } from 'js-yaml'
import { parseSync } from 'oxc-parser'
import { describe, expect, test } from 'vitest'
import packageJson from '../package.json' with { type: 'json' }
import { compileBlocks } from './support/compile-blocks.ts'
import { anchors, codeBlocks, headings, links } from './support/markdown.ts'
import { checkCommand, commandsIn } from './support/shell-blocks.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

const pages = ['docs', 'examples'].flatMap((folder) => filesUnder(folder).filter((path) => path.endsWith('.md')))
const documents = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md', ...pages]
const blocks = documents.flatMap((path) => codeBlocks(read(path)).map((block) => ({ path, ...block })))
const inLanguage = (...languages: string[]): typeof blocks => blocks.filter(({ language }) => languages.includes(language))
const where = ({ path, line }: { path: string; line: number }): string => `${path}:${line}`

const LANGUAGES = ['', 'text', 'ts', 'js', 'sh', 'console', 'json', 'yaml', 'http', 'abnf', 'sql']

test('every code block is in a language that is checked, or is output', () => {
  expect(blocks.filter(({ language }) => !LANGUAGES.includes(language)).map(where)).toEqual([])
})

test('every ts and js block compiles', async () => {
  expect(await compileBlocks(inLanguage('ts', 'js'), root)).toEqual([])
})

test('every dispatcher is started, or the block says why not', () => {
  const lazy = blocks.filter(({ text }) => /\bcreateDispatcher\(/.test(text) && !/\.start\(\)|No start\(\)/.test(text))
  expect(lazy.map(where)).toEqual([])
})

test('every command can be typed as it is told', () => {
  const problems = inLanguage('sh', 'console').flatMap((block) =>
    commandsIn(block.language, block.text).flatMap((command) => {
      const problem = checkCommand(command, root, packageJson.scripts)
      return problem ? [`${where(block)}: ${command}: ${problem}`] : []
    }),
  )
  expect(problems).toEqual([])
})

// The examples of rules are linted, and some are broken on purpose: test/lint/pages.test.ts.
const data = inLanguage('json', 'yaml').filter(({ path }) => !path.startsWith('docs/rules/'))

test.each(data.map((block) => [where(block), block] as const))('%s can be read', (_name, { language, text }) => {
  expect(language === 'json' ? JSON.parse(text) : load(text)).toBeDefined()
})

test('every relative link leads somewhere', () => {
  const problems = documents.flatMap((path) =>
    links(read(path)).flatMap(({ target, line }) => {
      if (/^[a-z][a-z0-9+.-]*:/i.test(target)) return []
      const [file = '', anchor] = target.split('#')
      const linked = file === '' ? path : relative(root, join(root, dirname(path), decodeURIComponent(file)))
      if (linked.startsWith('..') || !existsSync(join(root, linked))) return [`${path}:${line}: there is no ${target}`]
      if (anchor === undefined || !linked.endsWith('.md')) return []
      return anchors(read(linked)).has(anchor) ? [] : [`${path}:${line}: there is no heading for ${target}`]
    }),
  )
  expect(problems).toEqual([])
})

test('the README names the pages that the package brings', () => {
  const [, told = ''] = /The package brings ([^;]*?), below/s.exec(read('README.md')) ?? []
  const named = Array.from(told.matchAll(/`([^`]+)`/g), ([, name]) => name)
  expect(named.sort()).toEqual(packageJson.files.filter((file) => file.startsWith('docs')))
})

test('every error code has its heading, and every heading is a code', () => {
  expect(headings(read('docs/errors.md'), 2).sort()).toEqual(literalsOf('src/errors/codes.ts').sort())
})

test('every decision is in the list of decisions', () => {
  const pages = readdirSync(join(root, 'docs/decisions')).filter((name) => /^\d{4}-.*\.md$/.test(name))
  expect(links(read('docs/decisions/README.md')).map(({ target }) => target)).toEqual(pages.sort())
})

describe('nothing in the repository', () => {
  const PRIVATE: [what: string, pattern: RegExp][] = [
    ['names a folder of some machine', /(?:^|[\s"'`(=:])(?:\/(?:work|root|home|Users)\/|[A-Z]:\\Users)/m],
    [
      'names a package registry',
      /\b(?:registry\.(?:npmjs|yarnpkg)\.|npm\.pkg\.|(?:artifactory|nexus|verdaccio|mirrors?)\.[a-z])/,
    ],
    ['tells npm where to fetch a package', /"resolved":\s*"https?:/],
  ]
  test.each(PRIVATE)('%s', (_what, pattern) => {
    const found = filesUnder('.').flatMap((path) => {
      const match = pattern.exec(read(path))
      return match ? [`${path}: ${match[0].trim()}`] : []
    })
    expect(found).toEqual([])
  })
})

/** Files of the repository below a folder, from its root; what .gitignore names and the fixtures that others wrote are left out. */
function filesUnder(folder: string): string[] {
  const ignored = read('.gitignore')
    .split('\n')
    .filter((line) => line !== '')
  const isIgnored = (name: string): boolean =>
    name === '.git' ||
    ignored.some((rule) => rule === `${name}/` || new RegExp(`^${rule.replaceAll('.', '\\.').replaceAll('*', '.*')}$`).test(name))
  return readdirSync(join(root, folder)).flatMap((name) => {
    const path = folder === '.' ? name : `${folder}/${name}`
    if (isIgnored(name) || path === 'test/fixtures') return []
    return statSync(join(root, path)).isDirectory() ? filesUnder(path) : [path]
  })
}

/** The members of a union of string literals. */
function literalsOf(path: string): string[] {
  const found: string[] = []
  JSON.stringify(parseSync(path, read(path)).program, (_key, node) => {
    if (node?.type === 'TSLiteralType' && typeof node.literal.value === 'string') found.push(node.literal.value)
    return node
  })
  return found
}
