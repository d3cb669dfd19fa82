// The documents are checked by test/docs.test.ts; this shows that the checks find what they are for.
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { compileBlocks } from './compile-blocks.ts'
import { anchors, codeBlocks, headings, links } from './markdown.ts'
import { checkCommand, commandsIn } from './shell-blocks.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

const markdown = `
# A \`b\` c!
[one](a.md#x "title") and \`[no](code.md)\` ![two](b.png)

\`\`\`ts
const twice: number = 4 * 2
const wrong: string = 4
\`\`\`

\`\`\`ts continues
twice.toFixed()
lost.toFixed()
\`\`\`

## A b c

\`\`\`js
twice.toFixed()
\`\`\`
   ~~~sh
   # heading? [no](code.md)
   npm ci && npm test
   ~~~
`
const blocks = codeBlocks(markdown).map((block) => ({ path: 'x.md', ...block }))

test('blocks have their language, line and marks', () => {
  expect(blocks.map(({ language, line, marks }) => ({ language, line, marks }))).toEqual([
    { language: 'ts', line: 6, marks: [] },
    { language: 'ts', line: 11, marks: ['continues'] },
    { language: 'js', line: 18, marks: [] },
    { language: 'sh', line: 21, marks: [] },
  ])
  expect(blocks[3]?.text).toBe('# heading? [no](code.md)\nnpm ci && npm test')
  expect(() => codeBlocks('a\n```ts\nb')).toThrow('line 2 is never closed')
})

test('what does not compile is told at its line of the document', async () => {
  const problems = await compileBlocks(
    blocks.filter(({ language }) => language === 'ts' || language === 'js'),
    root,
  )
  expect(problems.map((problem) => problem.replace(/^(\S+): error (TS\d+).*/, '$1 $2')).sort()).toEqual([
    'x.md:12 TS2304',
    'x.md:18 TS2304',
    'x.md:7 TS2322',
  ])
})

test('links and headings in code are none', () => {
  expect(links(markdown)).toEqual([
    { target: 'a.md#x', line: 3 },
    { target: 'b.png', line: 3 },
  ])
  expect(headings(markdown)).toEqual(['A b c!', 'A b c'])
  expect([...anchors(markdown)]).toEqual(['a-b-c', 'a-b-c-1'])
})

test('commands are split, and output and comments left out', () => {
  expect(commandsIn('sh', '# first\nnpm ci && npm test # then\nnpm run \\\n  build | tail')).toEqual([
    'npm ci',
    'npm test',
    'npm run build',
    'tail',
  ])
  expect(commandsIn('console', '$ ringback --help\nUsage: ringback')).toEqual(['ringback --help'])
})

const COMMANDS: [command: string, problem: string | undefined][] = [
  ['npm ci', undefined],
  ['npm run build', undefined],
  ['npm run bulid', 'there is no script "bulid" in package.json'],
  ['npm install ringback', undefined],
  ['npm install rinback', '"rinback" is not among the packages that documents may install'],
  ['ringback --help', undefined],
  ['npx ringback --version', undefined],
  ['ringback --nope', 'ringback has no option --nope'],
  ['npx ringback nope', 'ringback has no command nope'],
  ['node nowhere.mjs', 'there is no file nowhere.mjs'],
  ['rm -rf x', 'no test knows this command: add it to test/support/shell-blocks.ts'],
]
test.each(COMMANDS)('%s: %s', (command, problem) => {
  expect(checkCommand(command, root, { build: 'x' })).toBe(problem)
})
