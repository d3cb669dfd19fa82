import { readFileSync } from 'node:fs'
import { InvalidArgumentError, Option } from 'commander'
import pc from 'picocolors'
import type { Tail } from '../../callback/index.ts'
import type { CallbackRequest, PartialExchange } from '../../http/index.ts'
import { readDescription } from '../../loading/index.ts'
import { DocumentError, findOperation, type OpenApiDescription, type Operation } from '../../openapi/index.ts'
import { strictTextOf } from '../../util/index.ts'
import { addParameter, readExchange } from '../arguments.ts'
import type { CommandDefinition, Terminal } from '../command.ts'
import { curlFor } from '../curl.ts'
import { exitFailure, exitUnreadable } from '../exit-codes.ts'
import { isFine, type PlannedCallback, planCallbacks, strangeParameters } from '../plan.ts'
import { renderPlan } from '../render-plan.ts'

interface Options {
  readonly operation: string
  readonly exchange: PartialExchange
  readonly callback?: string
  readonly body?: { readonly value: unknown }
  readonly example?: true
  readonly mediaType?: string
  readonly param: Readonly<Record<string, string>>
  readonly parameter: Readonly<Record<string, string>>
  readonly repair?: true
  readonly fanOut?: true
  readonly tail: Tail
  readonly multipartRoot?: string
  readonly curl?: true
  readonly json?: true
}

/** `ringback plan`: the requests that an exchange would set off, and why each is as it is, or is not. Sends nothing. */
export const planCommand: CommandDefinition = (program, context) => {
  program
    .command('plan')
    .summary('show the callback requests that an exchange would set off')
    .description(
      'Show the exact HTTP requests that the callbacks of an operation would become for an exchange, and why each part is as it is. ' +
        'Nothing is sent. Exits with 1 when a key is broken or no callback can be sent though nothing is merely absent, with 2 when the document cannot be read.',
    )
    .argument('<document>', 'an OpenAPI Description (YAML or JSON)')
    .requiredOption('-o, --operation <name>', "an operationId, or method and path such as 'POST /orders'")
    .requiredOption(
      '-x, --exchange <file>',
      'JSON: { "request": { "method", "url", "headers", "path", "query", "body" }, "response": { … } }',
      readExchange,
    )
    .option('-c, --callback <name>', 'only this callback')
    .addOption(new Option('-b, --body <file>', 'the body to send: JSON, else the bytes as they are').argParser(readBody))
    .addOption(new Option('-e, --example', 'send the example of the document, or one made from the schema').conflicts('body'))
    .option('-m, --media-type <type>', 'which of the declared media types')
    .option('-p, --param <name=value>', 'a value for {name} in a key; may be repeated', addParameter, {})
    .option('--parameter <name=value>', 'a query, header or cookie parameter of the callback; may be repeated', addParameter, {})
    .option('--repair', 'read broken keys as what was probably meant')
    .option('--fan-out', 'an array of URLs gives a request for each')
    .addOption(
      new Option('--tail <how>', 'a path behind a URL that has a query')
        .choices(['refuse', 'join', 'verbatim'])
        .default('refuse'),
    )
    .option('--multipart-root <name>', 'pointers into multipart bodies begin in this part')
    .addOption(new Option('--curl', 'print commands for a shell').conflicts('json'))
    .option('--json', 'print JSON')
    .action(async (document: string, options: Options, command) => {
      const description = await readOrReport(document, context)
      if (description === undefined) return context.exitWith(exitUnreadable)
      const operation = findOperation(description, options.operation)
      if (!operation.ok) return command.error(`error: ${operation.error.message}`)
      const planned = planCallbacks(description, operation.value, options.exchange, planOptions(options))
      if (options.callback !== undefined && planned.length === 0) {
        return command.error(`error: ${options.operation} has no callback ${JSON.stringify(options.callback)}.`)
      }
      const [strange] = strangeParameters(planned, Object.keys(options.parameter))
      if (strange !== undefined) return command.error(`error: no callback declares the parameter ${JSON.stringify(strange)}.`)
      context.stdout(output(nameOf(operation.value), options, planned))
      if (!isFine(planned)) context.exitWith(exitFailure)
    })
}

async function readOrReport(document: string, { stderr }: Terminal): Promise<OpenApiDescription | undefined> {
  try {
    return await readDescription(document)
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error
    stderr(`${error.code}: ${error.message}\n`)
    return undefined
  }
}

function planOptions(options: Options): Parameters<typeof planCallbacks>[3] {
  const { body, example, mediaType, param, parameter, repair, fanOut, tail, multipartRoot, callback } = options
  return {
    resolve: {
      params: param,
      tail,
      repair: repair === true,
      fanOut: fanOut === true,
      ...(multipartRoot === undefined ? {} : { multipartRoot }),
    },
    request: {
      parameters: parameter,
      example: example === true,
      ...(body === undefined ? {} : { body: body.value }),
      ...(mediaType === undefined ? {} : { mediaType }),
    },
    ...(callback === undefined ? {} : { callback }),
  }
}

function nameOf({ operationId, method, path }: Operation): string {
  return operationId ?? `${method} ${path}`
}

function output(operation: string, { curl, json }: Options, planned: readonly PlannedCallback[]): string {
  if (json === true)
    return `${JSON.stringify(
      planned.map((one) => jsonFor(operation, one)),
      null,
      2,
    )}\n`
  if (curl !== true) return renderPlan(operation, planned, pc)
  return planned.map((one) => `${curlLine(one)}\n`).join('')
}

function curlLine({ callback, target, request }: PlannedCallback): string {
  if (request?.ok) return curlFor(request.value)
  const why = target.ok ? request?.error.message : target.error.message
  return `# ${callback}: ${why}`.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ')
}

function jsonFor(operation: string, { callback, key, method, target, request }: PlannedCallback): object {
  return {
    operation,
    callback,
    expression: key,
    method,
    target: target.ok ? { ok: true, url: target.value.url } : { ok: false, ...target.error },
    ...(request === undefined ? {} : request.ok ? { request: jsonRequest(request.value) } : { problem: request.error }),
  }
}

/** The body as text or, where it is none, as Base64. */
function jsonRequest({ body, ...request }: CallbackRequest): object {
  if (body === undefined) return request
  const text = strictTextOf(body)
  return text === undefined ? { ...request, bodyBase64: Buffer.from(body).toString('base64') } : { ...request, body: text }
}

function readBody(file: string): { readonly value: unknown } {
  let bytes: Buffer
  try {
    bytes = readFileSync(file)
  } catch (error) {
    throw new InvalidArgumentError(`The file cannot be read: ${(error as Error).message}.`)
  }
  try {
    return { value: JSON.parse(bytes.toString('utf8')) }
  } catch {
    return { value: new Uint8Array(bytes) }
  }
}
