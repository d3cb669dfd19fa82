import { readFileSync } from 'node:fs'
import { InvalidArgumentError, Option } from 'commander'
import pc from 'picocolors'
import { type Dialect, dialects, type Explanation, explain, type TemplateMode } from '../../expression/index.ts'
import type { PartialExchange } from '../../http/index.ts'
import type { CommandDefinition } from '../command.ts'
import { exitFailure } from '../exit-codes.ts'
import { renderExplanation } from '../render-explanation.ts'

interface Options {
  readonly exchange?: PartialExchange
  readonly dialect: Dialect
  readonly mode?: TemplateMode
  readonly param: Readonly<Record<string, string>>
  readonly encode: 'none' | 'url'
  readonly json?: true
}

/** `ringback explain`: what an expression or a callback's key reads, part by part. Exits with 1 where it is broken or has no value. */
export const explainCommand: CommandDefinition = (program, context) => {
  program
    .command('explain')
    .summary('say what an expression or callback key reads, and its value')
    .description(
      'Say in words what an expression or a callback key reads and, with an exchange, which value each part has or why it has none. ' +
        'Exits with 1 when the text is broken or has no value.',
    )
    .argument(
      '<text>',
      "an expression such as '$request.body#/callbackUrl', or a key such as '{$request.body#/callbackUrl}/data'",
    )
    .option(
      '-x, --exchange <file>',
      'JSON: { "request": { "method", "url", "headers", "path", "query", "body" }, "response": { … } }',
      readExchange,
    )
    .addOption(new Option('-d, --dialect <name>', 'the language of the text').choices(dialects).default('oas3'))
    .addOption(new Option('-m, --mode <name>', 'where a template stands').choices(['callback-key', 'text', 'expression-string']))
    .addOption(new Option('-e, --encode <how>', 'how values become part of a template').choices(['none', 'url']).default('url'))
    .option('-p, --param <name=value>', 'a value for {name}; may be repeated', addParameter, {})
    .option('--json', 'print JSON')
    .action((text: string, options: Options) => {
      const { exchange, dialect, mode, param, encode, json } = options
      const explanation = explain(text, {
        dialect,
        params: param,
        interpolate: { encode: mode === 'text' || mode === 'expression-string' ? 'none' : encode },
        ...(exchange === undefined ? {} : { exchange }),
        ...(mode === undefined ? {} : { mode }),
      })
      context.stdout(json === true ? `${JSON.stringify(explanation, null, 2)}\n` : renderExplanation(explanation, pc))
      if (!isFine(explanation)) context.exitWith(exitFailure)
    })
}

function isFine({ valid, result }: Explanation): boolean {
  return valid && (result === undefined || result.ok)
}

function readExchange(file: string): PartialExchange {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new InvalidArgumentError(`The file cannot be read: ${(error as Error).message}.`)
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new InvalidArgumentError(`The file is not JSON: ${(error as Error).message}.`)
  }
  if (!isRecord(value) || !isMessageOrAbsent(value.request) || !isMessageOrAbsent(value.response)) {
    throw new InvalidArgumentError('Expected an object with "request" and, once there is one, "response", each an object.')
  }
  return value as PartialExchange
}

const recordMembers = ['headers', 'path', 'query']

function isMessageOrAbsent(value: unknown): boolean {
  if (value === undefined) return true
  return isRecord(value) && recordMembers.every((member) => value[member] === undefined || isRecord(value[member]))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function addParameter(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const equals = text.indexOf('=')
  if (equals < 1) throw new InvalidArgumentError('Expected name=value.')
  return { ...before, [text.slice(0, equals)]: text.slice(equals + 1) }
}
