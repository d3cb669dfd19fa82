import { Option } from 'commander'
import pc from 'picocolors'
import { type Delimiters, type Dialect, dialects, type Explanation, explain, type TemplateMode } from '../../expression/index.ts'
import type { PartialExchange } from '../../http/index.ts'
import { addParameter, readExchange } from '../arguments.ts'
import type { CommandDefinition } from '../command.ts'
import { exitFailure } from '../exit-codes.ts'
import { renderExplanation } from '../render-explanation.ts'

interface Options {
  readonly exchange?: PartialExchange
  readonly dialect: Dialect
  readonly mode?: TemplateMode
  readonly delimiters?: Delimiters
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
      "an expression such as '$request.body#/callbackUrl', or a callback key such as '{$request.body#/callbackUrl}/data'",
    )
    .option(
      '-x, --exchange <file>',
      'JSON: { "request": { "method", "url", "headers", "path", "query", "body" }, "response": { … } }; without "query" it is taken from the URL',
      readExchange,
    )
    .addOption(new Option('-d, --dialect <name>', 'the language of the text').choices(dialects).default('oas3'))
    .addOption(new Option('-m, --mode <name>', 'where a template stands').choices(['callback-key', 'text', 'expression-string']))
    .addOption(new Option('--delimiters <which>', 'braces {…} or angle <…>').choices(['braces', 'angle']))
    .addOption(new Option('-e, --encode <how>', 'how values become part of a template').choices(['none', 'url']).default('url'))
    .option('-p, --param <name=value>', 'a value for {name}; may be repeated', addParameter, {})
    .option('--json', 'print JSON')
    .action(async (text: string, options: Options) => {
      const { exchange, dialect, mode, delimiters, param, encode, json } = options
      const explanation = explain(text, {
        dialect,
        params: param,
        interpolate: { encode: mode === 'text' || mode === 'expression-string' ? 'none' : encode },
        ...(exchange === undefined ? {} : { exchange }),
        ...(mode === undefined ? {} : { mode }),
        ...(delimiters === undefined ? {} : { delimiters }),
      })
      if (json === true) context.stdout(`${JSON.stringify(explanation, null, 2)}\n`)
      else {
        const { displayWidth } = await import('../../lint/index.ts')
        context.stdout(renderExplanation(explanation, pc, displayWidth))
      }
      if (!isFine(explanation)) context.exitWith(exitFailure)
    })
}

function isFine({ valid, result }: Explanation): boolean {
  return valid && (result === undefined || result.ok)
}
