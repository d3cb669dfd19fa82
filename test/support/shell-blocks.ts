import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { commandsFor } from '../../src/cli/index.ts'

const commands = await commandsFor([])

/** The commands that a `sh` block holds, or that follow a `$ ` in a `console` block. */
export function commandsIn(language: string, text: string): string[] {
  const lines = text.replaceAll(/\s*\\\n\s*/g, ' ').split('\n')
  const told = language === 'console' ? lines.filter((line) => line.startsWith('$ ')).map((line) => line.slice(2)) : lines
  return told
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .flatMap((line) => line.split(/\s*(?:&&|\|\||[|;])\s*/))
    .filter((command) => command !== '')
}

type Check = (words: readonly string[], root: string, scripts: Readonly<Record<string, string>>) => string | undefined

/** What may stand in a document, by its first words. The answer is what is wrong with it. */
const KNOWN: readonly [start: string, check: Check][] = [
  ['npm ci', () => undefined],
  ['npm test', (_words, _root, scripts) => (scripts.test ? undefined : 'there is no script "test"')],
  [
    'npm run',
    (words, _root, scripts) => {
      const name = words.slice(2).find((word) => !word.startsWith('-')) ?? ''
      return scripts[name] ? undefined : `there is no script "${name}" in package.json`
    },
  ],
  // What stands behind --prefix is a folder.
  [
    'npm install',
    (words) =>
      words
        .slice(2)
        .filter((_word, i) => words[i + 1] !== '--prefix')
        .map(checkInstalled)
        .find(Boolean),
  ],
  ['npx ringback', (words) => checkRingback(words.slice(2))],
  ['npx biome check', () => undefined],
  ['ringback', (words) => checkRingback(words.slice(1))],
  ['node', ([, file = ''], root) => (existsSync(join(root, file)) ? undefined : `there is no file ${file}`)],
  ['cat', () => undefined],
  ['curl', () => undefined],
  ['.ci/run', (_words, root) => (existsSync(join(root, '.ci/run')) ? undefined : 'there is no file .ci/run')],
]

/** `undefined` when the command can be typed as it is told. */
export function checkCommand(command: string, root: string, scripts: Readonly<Record<string, string>>): string | undefined {
  const known = KNOWN.find(([start]) => `${command} `.startsWith(start.endsWith('/') ? start : `${start} `))
  if (!known) return 'no test knows this command: add it to test/support/shell-blocks.ts'
  return known[1](command.split(/\s+/), root, scripts)
}

// Other packages are installed beside ours; a name that is not here is a mistake or an invitation to one.
const INSTALLED = ['ringback', 'undici', 'pg', 'express', 'fastify', 'hono', 'koa', 'vitest']

function checkInstalled(word: string): string | undefined {
  return word.startsWith('-') || INSTALLED.includes(word)
    ? undefined
    : `"${word}" is not among the packages that documents may install`
}

function checkRingback(words: readonly string[]): string | undefined {
  let command = new Command('ringback').version('0').helpOption('-h, --help')
  const silent = { stdout: () => undefined, stderr: () => undefined, exitWith: () => undefined }
  for (const define of commands) define(command, silent)
  for (const word of words) {
    // A dash alone is standard input.
    if (word.startsWith('-') && word !== '-') {
      const flag = word.split('=')[0] ?? word
      const known =
        flag === '--help' || flag === '-h' || command.options.some(({ short, long }) => flag === short || flag === long)
      if (!known) return `${command.name()} has no option ${flag}`
    } else if (command.commands.length > 0 || command.name() === 'ringback') {
      const next = command.commands.find((one) => one.name() === word || one.aliases().includes(word))
      if (!next) return `${command.name()} has no command ${word}`
      command = next
    }
  }
  return undefined
}
