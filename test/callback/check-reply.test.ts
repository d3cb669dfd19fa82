import {
  buildCallbackRequest,
  type CallbackReply,
  descriptionIdOf,
  readDescription,
  replyChecker,
  resolveCallbacks,
} from 'ringback'
import { describe, expect, test } from 'vitest'
import { descriptionWithKey } from './support.ts'

const exchange = { id: 'x-1', request: { body: { url: 'https://client.example/cb' } } }
const key = '{$request.body#/url}'

function reply(status: number, contentType?: string, body = '', changes: Partial<CallbackReply> = {}): CallbackReply {
  const headers = contentType === undefined ? {} : { 'content-type': contentType }
  return { status, headers, body: new TextEncoder().encode(body), completeness: 'complete', ...changes }
}

/** Reasons for which a reply does not fit these responses. */
function reasons(responses: unknown, given: CallbackReply, version = '3.1.0'): readonly string[] {
  const description = descriptionWithKey(key, { responses }, {}, version)
  const [callback] = resolveCallbacks(description, 'createThing', exchange)
  if (!callback?.target.ok) throw new Error('no target')
  const { metadata = {} } = buildCallbackRequest(callback.target.value)
  return replyChecker(description)({ metadata }, given).map(({ reason }) => reason)
}

const json = (schema: unknown): object => ({ content: { 'application/json': { schema } } })
const state = json({ type: 'object', required: ['state'], properties: { state: { type: 'string' } } })
const withHeader = (header: unknown): object => ({ 200: { description: '', headers: { 'X-Left': header } } })
const withField = (value: string | readonly string[]): CallbackReply =>
  reply(200, undefined, '', { headers: { 'x-left': value } })

const TABLE: [name: string, responses: unknown, given: CallbackReply, expected: readonly string[]][] = [
  ['nothing is declared', {}, reply(202, 'text/plain', 'ok'), []],
  ['only extensions', { 'x-note': {} }, reply(202), []],
  ['the status', { 200: {} }, reply(200), []],
  ['another status', { 200: {} }, reply(202), ['status-undeclared']],
  ['its range', { '2XX': {} }, reply(202), []],
  ['default', { default: {} }, reply(299), []],
  ['a body where none is spoken of', { 200: {} }, reply(200, 'text/html', '<p>ok'), []],
  ['a body that fits', { 200: state }, reply(200, 'application/json', '{"state":"open"}'), []],
  ['one that does not', { 200: state }, reply(200, 'application/json; charset=utf-8', '{"state":1}'), ['body-invalid']],
  ['no JSON', { 200: state }, reply(200, 'application/json', '{'), ['body-invalid']],
  ['no UTF-8', { 200: state }, reply(200, 'application/json', '', { body: new Uint8Array([0xff]) }), ['body-invalid']],
  ['no body', { 200: state }, reply(200), ['body-missing']],
  ['no body with 204', { '2XX': state }, reply(204), []],
  ['another media type', { 200: state }, reply(200, 'text/plain', 'ok'), ['media-type-undeclared']],
  ['no media type', { 200: state }, reply(200, undefined, '{"state":"open"}'), ['media-type-undeclared']],
  ['cut off', { 200: state }, reply(200, 'application/json', '{"st', { completeness: 'truncated' }), ['unchecked']],
  ['cut off, of another type', { 200: state }, reply(200, 'text/x', 'x', { completeness: 'broken' }), ['media-type-undeclared']],
  ['text', { 200: { content: { 'text/plain': { schema: { type: 'integer' } } } } }, reply(200, 'text/plain', '7'), []],
  [
    'form fields',
    {
      200: {
        content: { 'application/x-www-form-urlencoded': { schema: { type: 'object', properties: { n: { type: 'integer' } } } } },
      },
    },
    reply(200, 'application/x-www-form-urlencoded', 'n=x'),
    ['body-invalid'],
  ],
  [
    'what is writeOnly is not asked of a reply',
    { 200: json({ required: ['secret'], properties: { secret: { writeOnly: true } } }) },
    reply(200, 'application/json', '{}'),
    [],
  ],
  ['a broken schema', { 200: json({ type: 'nonsense' }) }, reply(200, 'application/json', '{}'), ['unchecked']],
  ['a broken reference', { 200: { $ref: '#/components/responses/none' } }, reply(200), ['unchecked']],
  ['a header that is required', withHeader({ required: true }), reply(200), ['header-missing']],
  ['one that is not', withHeader({ schema: { type: 'integer' } }), reply(200), []],
  ['a number', withHeader({ schema: { type: 'integer' } }), withField('7'), []],
  ['no number', withHeader({ schema: { type: 'integer' } }), withField('seven'), ['header-invalid']],
  ['a list', withHeader({ schema: { type: 'array', items: { type: 'integer' } } }), withField('1, 2'), []],
  ['a list in two lines', withHeader({ schema: { type: 'array', maxItems: 1 } }), withField(['1', '2']), ['header-invalid']],
  [
    'JSON in a header',
    withHeader({ content: { 'application/json': { schema: { type: 'array' } } } }),
    withField('{}'),
    ['header-invalid'],
  ],
  ['Content-Type is no header', { 200: { headers: { 'Content-Type': { required: true } } } }, reply(200), []],
]

test.each(TABLE)('%s', (_name, responses, given, expected) => expect(reasons(responses, given)).toEqual(expected))

test('OAS 3.0 has schemas of its own', () => {
  const nullable = { 200: json({ type: 'object', nullable: true }) }
  expect(reasons(nullable, reply(200, 'application/json', 'null'), '3.0.3')).toEqual([])
})

describe('which operation it is', () => {
  test('what was not made from a description is not checked', () => {
    const check = replyChecker()
    for (const metadata of [{}, { descriptionId: 7 }, { descriptionId: 'x' }, { callbackOperation: '#/x' }])
      expect(check({ metadata }, reply(200))).toEqual([])
  })

  test('a description that is not there, or has no such operation, is told', () => {
    const description = descriptionWithKey(key)
    const metadata = { descriptionId: descriptionIdOf(description), callbackOperation: '#/paths/~1none/post' }
    expect(replyChecker(description)({ metadata }, reply(200))).toMatchObject([{ reason: 'unchecked' }])
    const other = { ...metadata, descriptionId: 'of-another-process' }
    expect(replyChecker(description)({ metadata: other }, reply(200))).toMatchObject([{ reason: 'unchecked' }])
  })

  test('the same text that is read again is the same description', async () => {
    const source = {
      openapi: '3.1.0',
      info: { title: 't', version: '1' },
      paths: {},
      webhooks: { w: { post: { responses: { 200: {} } } } },
    }
    const [first, second] = [await readDescription(structuredClone(source)), await readDescription(structuredClone(source))]
    const metadata = { descriptionId: descriptionIdOf(first), callbackOperation: '#/webhooks/w/post' }
    expect(replyChecker(second)({ metadata }, reply(201))).toMatchObject([{ reason: 'status-undeclared' }])
  })
})

test('no problem quotes the reply, which is the subscriber’s', () => {
  const description = descriptionWithKey(key, {
    responses: { 200: { ...state, headers: { 'X-Left': { schema: { type: 'integer' } } } } },
  })
  const [callback] = resolveCallbacks(description, 'createThing', exchange)
  if (!callback?.target.ok) throw new Error('no target')
  const { metadata = {} } = buildCallbackRequest(callback.target.value)
  const given = reply(200, 'application/json', '{"state":{"hush":"hush"}}', {
    headers: { 'content-type': 'application/json', 'x-left': 'hush' },
  })
  const problems = replyChecker(description)({ metadata }, given)
  expect(problems).toHaveLength(2)
  expect(JSON.stringify(problems)).not.toContain('hush')
})
