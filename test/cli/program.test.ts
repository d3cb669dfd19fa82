import { describe, expect, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { type CommandDefinition, commandsFor, runCommandLine } from '../../src/cli/index.ts'
import { RingbackError } from '../../src/errors/index.ts'
import { type Ran, runCommand } from './run-command.ts'

const commands: readonly CommandDefinition[] = [
  (program, context) =>
    program
      .command('greet')
      .description('say hello')
      .argument('<name>')
      .option('--exit <code>', 'exit code', Number)
      .action((name: string, options: { exit?: number }) => {
        context.stdout(`hello ${name}\n`)
        if (options.exit !== undefined) context.exitWith(options.exit)
      }),
  (program) =>
    program.command('refuse').action(async () => {
      throw new RingbackError('ERR_DOCUMENT_UNREADABLE', 'Expected an OpenAPI Description in a.yaml, found no such file.')
    }),
  (program) =>
    program.command('crash').action(() => {
      throw new RangeError('off by one')
    }),
]

const run = (...args: string[]): Promise<Ran> => runCommand(args, commands)

test('the commands of the package are all listed, and each can be had alone', async () => {
  const names = ['lint', 'census', 'explain', 'plan', 'listen', 'proxy', 'deliveries', 'destinations']
  expect(await commandsFor([])).toHaveLength(names.length)
  let stdout = ''
  const terminal = { stdout: (text: string) => (stdout += text), stderr: () => undefined }
  expect(await runCommandLine(['--help'], terminal)).toBe(0)
  for (const name of names) {
    expect(stdout).toContain(`  ${name} `)
    expect(await commandsFor([name, '--help'])).toHaveLength(1)
    stdout += '\n'
    expect(await runCommandLine([name, '--help'], terminal)).toBe(0)
    expect(stdout).toContain(`Usage: ringback ${name} `)
  }
  expect(await runCommandLine(['toString'], terminal)).toBe(64)
})

test('--help lists every command on standard output', async () => {
  const { exitCode, stdout, stderr } = await run('--help')
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  for (const name of ['greet', 'refuse', 'crash']) expect(stdout).toContain(name)
})

test('a command has a help of its own', async () => {
  const { exitCode, stdout } = await run('greet', '--help')
  expect(exitCode).toBe(0)
  expect(stdout).toContain('--exit <code>')
})

test.each(['--version', '-V'])('%s prints the version of the package', async (flag) => {
  expect(await run(flag)).toEqual({ exitCode: 0, stdout: `${packageJson.version}\n`, stderr: '' })
})

const MISUSE: [args: string[], message: string][] = [
  [[], 'Usage: ringback'],
  [['great'], "unknown command 'great'\n(Did you mean greet?)"],
  [['great', '--exit', '1'], "unknown command 'great'"],
  [['--nope'], "unknown option '--nope'"],
  [['greet'], "missing required argument 'name'"],
  [['greet', 'a', 'b'], 'too many arguments'],
  [['greet', 'a', '--exit'], "option '--exit <code>' argument missing"],
  [['greet', 'a', '--nope'], "unknown option '--nope'"],
]
test.each(MISUSE)('%j is misuse: exit code 64 and a message', async (args, message) => {
  const { exitCode, stdout, stderr } = await run(...args)
  expect({ exitCode, stdout }).toEqual({ exitCode: 64, stdout: '' })
  expect(stderr).toContain(message)
})

describe('what a command ends with', () => {
  test('0 unless it says otherwise', async () => {
    expect(await run('greet', 'Ada')).toEqual({ exitCode: 0, stdout: 'hello Ada\n', stderr: '' })
  })

  test('the code it asked for', async () => {
    expect(await run('greet', 'Ada', '--exit', '3')).toMatchObject({ exitCode: 3, stdout: 'hello Ada\n' })
  })

  test('one line for an error of ours, without a stack', async () => {
    expect(await run('refuse')).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'ERR_DOCUMENT_UNREADABLE: Expected an OpenAPI Description in a.yaml, found no such file.\n',
    })
  })

  test('70 and the stack for a bug', async () => {
    const { exitCode, stderr } = await run('crash')
    expect(exitCode).toBe(70)
    expect(stderr).toMatch(/bug in ringback.*\nRangeError: off by one\n +at /)
  })
})
