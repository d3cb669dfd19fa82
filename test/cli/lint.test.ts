import { chmodSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { reportFormats } from 'ringback/lint'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { runCommandLine } from '../../src/cli/index.ts'
import { OutputList } from '../../src/cli/lint/outputs.ts'
import { documentAround, documentWithKey } from '../lint/support.ts'
import { scratch } from '../support/scratch.ts'
import { type Ran, runCommand } from './run-command.ts'

const { folder, file } = scratch()
beforeEach(() => {
  vi.spyOn(process, 'cwd').mockReturnValue(folder)
})
afterEach(() => vi.restoreAllMocks())

/** A file of so many bytes that takes no room. */
function sparse(name: string, bytes: number): string {
  const path = file(name, 'openapi: 3.0.0\n')
  truncateSync(path, bytes)
  return path
}

const run = (...args: string[]): Promise<Ran> => runCommand(args)

const good = file('good.yaml', documentWithKey("'{$request.body#/url}'"))
const broken = file('broken.yaml', documentWithKey("'{request.body#/url}'"))
const warned = file('warned.yaml', documentWithKey("'http://example.com/{$request.body#/url}'"))
const optional = file('optional.yaml', documentWithKey("'{$request.body#/sub/url}'"))

test('a byte order mark moves no place: neither line and column nor offset', async () => {
  const text = documentWithKey("'{request.body#/url}'")
  const places = await Promise.all(
    [text, `\ufeff${text}`].map(async (content, i) => {
      const path = file(`mark${i}.yaml`, content)
      const { problems } = JSON.parse((await run('lint', path, '-f', 'json')).stdout)
      const log = JSON.parse((await run('lint', path, '-f', 'sarif')).stdout)
      const { region } = log.runs[0].results[0].locations[0].physicalLocation
      const [{ offset, line, column, fix }] = problems
      return { offset, line, column, fix, region }
    }),
  )
  expect(places[1]).toEqual(places[0])
  expect(places[0]?.offset).toBe(text.indexOf('request.body#/url}'))
  expect(places[0]?.region.charOffset).toBe(places[0]?.offset)
})

describe('the exit code', () => {
  const CODES: [args: string[], exitCode: number][] = [
    [[good], 0],
    [[broken], 1],
    [[good, broken], 1],
    [[warned], 0],
    [[warned, '--fail-on', 'warning'], 1],
    [[optional, '--fail-on', 'warning'], 0],
    [[optional, '--fail-on', 'info'], 1],
    [[broken, '--fail-on', 'none'], 0],
    [[broken, '--preset', '3gpp'], 1],
    [[join(folder, 'none.yaml')], 2],
    [[broken, join(folder, 'none.yaml')], 2],
    [[file('empty.yaml', '')], 2],
    [[file('text.yaml', 'hello')], 2],
    [[file('old.yaml', 'swagger: "2.0"')], 2],
    [[file('image.yaml', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 255]))], 2],
    [[file('broken-yaml.yaml', 'openapi: 3.0.0\npaths: [')], 2],
    [[sparse('huge.yaml', 100 * 1024 * 1024)], 2],
    [[file('nothing/readme.txt', 'x').replace(/\/readme.txt$/, '')], 2],
    [[], 64],
    [[good, '--nope'], 64],
    [[good, '--fail-on', 'fatal'], 64],
    [[good, '-f', 'xml'], 64],
    [[good, '--preset', 'none'], 64],
    [[good, '--config', join(folder, 'none.json')], 64],
    [[good, '--baseline', join(folder, 'none.json')], 64],
    [[good, '--baseline', file('no-baseline.json', '{}')], 64],
    [['--explain', 'no-such-rule'], 64],
    [['-', '--fix'], 64],
    [['-', '--dry-run'], 64],
  ]
  test.each(CODES)('of %j is %i', async (args, exitCode) => {
    const result = await run('lint', ...args)
    expect(result.exitCode, result.stderr).toBe(exitCode)
    // One clear message, and no stack.
    if (exitCode > 1) expect(result.stderr).toMatch(/^.+\n/)
    expect(result.stderr).not.toContain('bug in ringback')
  })
})

describe('folders', () => {
  file(
    'tree/a/api.yaml',
    documentWithKey("'{$request.body#/url}'").replace(
      'post: { responses',
      "post: { requestBody: { $ref: '../shared/b.yaml#/x' }, responses",
    ),
  )
  file('tree/shared/b.yaml', 'x: { content: {} }')
  file('tree/api.json', JSON.stringify({ openapi: '3.1.0', paths: {} }))
  file('tree/other.json', JSON.stringify({ list: [{ openapi: '3.1.0' }] }))
  file('tree/node_modules/x/api.yaml', 'openapi: 3.0.0\npaths: [')
  file('tree/.hidden/api.yaml', 'openapi: 3.0.0\npaths: [')
  file('tree/old.yaml', 'swagger: "2.0"')

  test('are searched for OpenAPI 3 documents; others are passed over', async () => {
    const { exitCode, stdout, stderr } = await run('lint', join(folder, 'tree'), '-f', 'json')
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    const counts = { files: 3, callbacks: 1, expressions: 1, errors: 0, warnings: 0, infos: 0 }
    // A part of a document that was read is not skipped.
    expect(JSON.parse(stdout).summary).toEqual({ ...counts, skipped: { swagger2: 1, notOpenApi3: 1, tooLarge: 0 } })
  })

  test('say how many files were skipped, and why', async () => {
    const tree = join(folder, 'tree')
    const end = async (...args: string[]): Promise<string | undefined> =>
      (await run('lint', ...args)).stdout.trim().split('\n').at(-1)
    expect(await end(tree)).toContain('of 3 files; 2 files skipped: 1 of Swagger 2.0, 1 not of OpenAPI 3')
    expect(await end(tree, '-f', 'agent')).toContain('files=3 skipped=2')
    expect(await end(good)).toMatch(/of 1 file$/)
    sparse('large/huge.json', 65 * 1024 * 1024)
    file('large/api.json', JSON.stringify({ openapi: '3.1.0', paths: {} }))
    file('large/old.json', JSON.stringify({ swagger: '2.0', paths: {} }))
    file('large/broken.json', '{ "swagger": "2.0", "paths": ')
    file('large/inside.json', JSON.stringify({ x: { swagger: '2.0' } }))
    expect(await end(join(folder, 'large'))).toContain(
      'of 1 file; 4 files skipped: 2 of Swagger 2.0, 1 not of OpenAPI 3, 1 too large',
    )
    file('none/a.json', '{}')
    expect((await run('lint', join(folder, 'none'))).stderr).toContain(
      'there is no OpenAPI 3 document in this folder: none of its YAML and JSON files (1) is one',
    )
  })

  test('are counted by a census', async () => {
    const { exitCode, stdout } = await run('census', join(folder, 'tree'), broken)
    expect(exitCode).toBe(0)
    expect(stdout).toMatchInlineSnapshot(`
      "  documents       3
        with callbacks  2
        with links      0
        callback keys   2
        links           0

      Keys by shape
        broken        1
        {expression}  1

      What keys read
        $request.body  2

      Errors and warnings
        no-dollar  1
      "
    `)
    expect(await run('census', join(folder, 'nowhere'))).toMatchObject({ exitCode: 2, stdout: '' })
    const json = JSON.parse((await run('census', join(folder, 'tree'), '--json')).stdout)
    expect(json).toMatchObject({ documents: 2, documentsWithCallbacks: 1, keys: 1, shapes: { '{expression}': 1 }, unreadable: 0 })
  })
})

describe('several files', () => {
  const entry = (ref: string): string => documentAround(`callbacks:\n  called:\n    $ref: '${ref}'\n`)
  const callback = "called:\n  '{request.body#/url}':\n    post: { responses: {} }\n"

  test('a finding stands in the file that has it', async () => {
    file('multi/parts/callbacks.yaml', callback)
    const path = file('multi/api.yaml', entry('parts/callbacks.yaml#/called'))
    const { problems } = JSON.parse((await run('lint', path, '-f', 'json')).stdout)
    expect(problems.map(({ file, rule, line, pointer }: Record<string, unknown>) => [file, rule, line, pointer])).toEqual([
      [join(folder, 'multi/parts/callbacks.yaml'), 'no-dollar', 2, '/called/{request.body#~1url}'],
      [join(folder, 'multi/parts/callbacks.yaml'), 'request-without-body', 2, '/called/{request.body#~1url}'],
    ])
  })

  test('a file outside of the folder needs --root', async () => {
    file('outside/callbacks.yaml', callback)
    const path = file('inside/api.yaml', entry('../outside/callbacks.yaml#/called'))
    const closed = await run('lint', path, '-f', 'json')
    expect(JSON.parse(closed.stdout).problems).toMatchObject([{ rule: 'unresolved-reference', severity: 'info' }])
    expect(closed.exitCode).toBe(0)
    const open = await run('lint', path, '-f', 'json', '--root', folder)
    expect(JSON.parse(open.stdout).problems[0]).toMatchObject({ rule: 'no-dollar', file: join(folder, 'outside/callbacks.yaml') })
    symlinkSync(join(folder, 'outside'), join(folder, 'inside/link'))
    const linked = await run('lint', file('inside/api2.yaml', entry('link/callbacks.yaml#/called')), '-f', 'json')
    expect(JSON.parse(linked.stdout).problems).toMatchObject([{ rule: 'unresolved-reference', severity: 'info' }])
  })

  test('references to each other end', async () => {
    const path = file('cycle/a.yaml', entry('b.yaml#/x'))
    file('cycle/b.yaml', "x: { $ref: 'a.yaml#/paths/~1orders/post/callbacks/called' }")
    expect(JSON.parse((await run('lint', path, '-f', 'json')).stdout).problems).toMatchObject([
      { rule: 'unresolved-reference', severity: 'error' },
    ])
  })

  test('the network is read only with --allow-remote, under the URL policy', async () => {
    const requests: string[] = []
    const server = createServer((request, response) => {
      requests.push(request.url ?? '')
      response.end(callback)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const origin = `127.0.0.1:${(server.address() as AddressInfo).port}`
      const path = file('remote/api.yaml', entry(`http://${origin}/callbacks.yaml#/called`))
      const rules = async (...flags: string[]): Promise<unknown> =>
        JSON.parse((await run('lint', path, '-f', 'json', ...flags)).stdout).problems.map(
          ({ rule, severity }: Record<string, unknown>) => [rule, severity],
        )
      expect(await rules()).toEqual([['unresolved-reference', 'info']])
      expect(await rules('--allow-remote')).toEqual([['unresolved-reference', 'info']])
      expect(requests).toEqual([])
      expect(await rules('--allow-remote', '--allow-host', origin)).toEqual([
        ['no-dollar', 'error'],
        ['request-without-body', 'error'],
      ])
      expect(requests).toEqual(['/callbacks.yaml'])
    } finally {
      server.close()
    }
  })
})

describe('--fix', () => {
  test('writes what is certain, and --dry-run tells', async () => {
    const before = documentWithKey('"{request.body#/url}/{$callbackUrl}"')
    const path = file('fix/api.yaml', before)
    const { stdout } = await run('lint', path, '--dry-run')
    expect(readFileSync(path, 'utf8')).toBe(before)
    expect(stdout.split('\n').filter((line) => /^[-+] /.test(line))).toEqual([
      '-          "{request.body#/url}/{$callbackUrl}":',
      '+          "{$request.body#/url}/{$request.query.callbackUrl}":',
    ])
    expect((await run('lint', path, '--fix')).exitCode).toBe(0)
    expect(readFileSync(path, 'utf8')).toBe(
      before.replace('{request', '{$request').replace('{$callback', '{$request.query.callback'),
    )
    expect((await run('lint', path, '--dry-run')).stdout).toBe('')
  })

  test('keeps a byte order mark and line ends', async () => {
    const path = file('fix/bom.yaml', `\ufeff${documentWithKey("'{request.body#/url}'").replaceAll('\n', '\r\n')}`)
    expect((await run('lint', path, '--fix')).exitCode).toBe(0)
    expect(readFileSync(path, 'utf8')).toBe(`\ufeff${documentWithKey("'{$request.body#/url}'").replaceAll('\n', '\r\n')}`)
  })

  test('mends the file that a reference leads to', async () => {
    const path = file(
      'fix/multi.yaml',
      documentWithKey("'{$request.body#/url}'").replace(/called:[\s\S]*?(?= {6}responses)/, "called: { $ref: 'part.yaml' }\n"),
    )
    const part = file('fix/part.yaml', "'{request.body#/url}': { post: { responses: {} } }\n")
    expect((await run('lint', path, '--fix')).exitCode).toBe(0)
    expect(readFileSync(part, 'utf8')).toBe("'{$request.body#/url}': { post: { responses: {} } }\n")
  })
})

describe('documents that share a callback', () => {
  const user = (name: string, field: string): string =>
    file(
      `shared/${name}.yaml`,
      documentAround(
        `requestBody: { required: true, content: { application/json: { schema: { required: [${field}], properties: { ${field}: { type: string } } } } } }\ncallbacks: { c: { $ref: 'c.yaml#/components/callbacks/C' } }\n`,
      ),
    )
  const shared = (key: string): string =>
    file(
      'shared/c.yaml',
      documentAround(`paths: {}\ncomponents: { callbacks: { C: { '${key}': { post: { responses: {} } } } } }\n`),
    )
  const old = (): string => readFileSync(join(folder, 'shared/c.yaml'), 'utf8')
  const [one, two, three] = [user('one', 'notifUri'), user('two', 'notifURI'), user('three', 'other')]
  const four = user('four', 'notifUri')
  const wrong = '{$request.body#/notifURI}'

  const HELD: [what: string, key: string, documents: string[]][] = [
    ['it would break the other one', wrong, [one, two]],
    ['in the other order', wrong, [two, one]],
    ['it does not help the other one', wrong, [one, three]],
    ['the file is not of the run: others may use it', wrong, [one]],
  ]
  test.each(HELD)('a fix is not made, nor told of: %s', async (_what, key, documents) => {
    const path = shared(key)
    const before = old()
    const told = JSON.parse((await run('lint', ...documents, '-f', 'json')).stdout).problems
    expect(
      told.filter(({ rule, fix }: Record<string, unknown>) => rule === 'pointer-not-in-schema' && fix !== undefined),
    ).toEqual([])
    const { exitCode, stdout } = await run('lint', ...documents, '--fix', '-f', 'json')
    expect(exitCode).toBe(1)
    expect(readFileSync(path, 'utf8')).toBe(before)
    expect(JSON.parse(stdout).problems[0].fix).toBeUndefined()
  })

  const MADE: [what: string, key: string, documents: () => string[], after: string][] = [
    ['all of them agree', wrong, () => [one, four, shared(wrong)], '{$request.body#/notifUri}'],
    ['no document can use what stands there', '{request.body#/notifUri}', () => [one], '{$request.body#/notifUri}'],
  ]
  test.each(MADE)('a fix is made, and told of: %s', async (_what, key, documents, after) => {
    shared(key)
    const { stderr, exitCode } = await run('lint', ...documents(), '--fix')
    expect(old()).toContain(`'${after}'`)
    expect(stderr).toMatch(/c\.yaml: 1 fix made\n/)
    expect(exitCode).toBe(0)
  })

  test('a callback is unused only if no document of the run refers to it', async () => {
    const path = shared('{$request.body#/notifUri}')
    const rules = async (...paths: string[]): Promise<unknown> =>
      JSON.parse((await run('lint', ...paths, '-f', 'json')).stdout).problems.map(({ rule }: { rule: string }) => rule)
    expect(await rules(path)).toEqual(['unused-callback'])
    expect(await rules(path, one)).toEqual([])
  })

  test('one file under two names is one file', async () => {
    const other = join(folder, 'shared/link.yaml')
    symlinkSync(one, other)
    shared(wrong)
    const { summary } = JSON.parse(
      (await run('lint', one, join(folder, 'shared/../shared/one.yaml'), other, '-f', 'json')).stdout,
    )
    expect(summary).toMatchObject({ files: 2, errors: 1 })
  })
})

describe('what cannot be written', () => {
  test('is told of in one line; the other files are fixed', async () => {
    const [closed, free] = ['closed', 'free'].map((name) => file(`write/${name}.yaml`, documentWithKey("'{request.body#/url}'")))
    if (closed === undefined || free === undefined) throw new Error('no files')
    const before = readFileSync(closed, 'utf8')
    chmodSync(folder, 0o755)
    chmodSync(closed, 0o444)
    chmodSync(free, 0o666)
    // Root may write everywhere.
    const user = process.geteuid?.()
    if (user === 0) process.seteuid?.(65534)
    const result = await run('lint', closed, free, '--fix').finally(() => user === 0 && process.seteuid?.(0))
    expect(result.exitCode).toBe(2)
    expect(result.stderr).toMatch(/^\S+closed\.yaml: cannot be written \(EACCES.*\)\n\S+free\.yaml: 1 fix made\n$/)
    expect(readFileSync(closed, 'utf8')).toBe(before)
    expect(readFileSync(free, 'utf8')).toBe(documentWithKey("'{$request.body#/url}'"))
    // What was not written is not fixed.
    expect(result.stdout).toContain('no-dollar')
  })

  test.each(['-o', '--write-baseline'])('%s into a folder that is not there', async (flag) => {
    const path = join(folder, 'nowhere/out.json')
    const { exitCode, stderr } = await run('lint', broken, flag, path)
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: expect.stringMatching(/^\S+out\.json: cannot be written \(ENOENT.*\)\n$/),
    })
  })
})

test('a document that cannot be read is in every report for machines', async () => {
  const path = file('broken2.yaml', 'openapi: 3.0.0\npaths: [')
  const reports = await Promise.all(
    (['json', 'sarif', 'junit', 'github', 'codeclimate', 'agent'] as const).map(async (format) => {
      const { exitCode, stdout } = await run('lint', path, good, '-f', format)
      expect(exitCode).toBe(2)
      return stdout
    }),
  )
  const [json = '', sarif = '', junit = ''] = reports
  expect(JSON.parse(json)).toMatchObject({
    problems: [{ rule: 'unreadable', file: path, line: 2 }],
    summary: { errors: 1, files: 1 },
  })
  expect(JSON.parse(sarif).runs[0]).toMatchObject({
    invocations: [{ executionSuccessful: false }],
    results: [{ level: 'error' }],
  })
  expect(junit).toContain('failures="1"')
  for (const text of reports) expect(text).toContain('broken2.yaml')
  // A summary of nothing would look like success.
  expect((await run('lint', path)).stdout).toBe('')
})

test('messages name no limit that the command cannot raise', async () => {
  const bomb = ['a: &a [1,1,1,1,1,1,1,1,1,1]']
  for (let i = 1; i < 9; i++)
    bomb.push(
      `${'abcdefghi'[i]}: &${'abcdefghi'[i]} [${Array(10)
        .fill(`*${'abcdefghi'[i - 1]}`)
        .join()}]`,
    )
  const { exitCode, stderr, stdout } = await run('lint', file('bomb.yaml', `openapi: 3.0.0\n${bomb.join('\n')}\n`), '-f', 'json')
  expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringMatching(/without so many aliases\.?\n$/) })
  expect(stdout).not.toContain('maxNodes')
})

describe('settings', () => {
  test('come from a file in the working folder, or from package.json', async () => {
    const rules = async (): Promise<unknown> =>
      JSON.parse((await run('lint', broken, '-f', 'json')).stdout).problems.map(({ severity }: { severity: string }) => severity)
    expect(await rules()).toEqual(['error'])
    file('package.json', JSON.stringify({ ringback: { rules: { 'no-dollar': 'info' } } }))
    expect(await rules()).toEqual(['info'])
    const config = file('ringback.config.yaml', 'rules:\n  no-dollar: warning\nignore:\n  - { file: "**/x.yaml" }\n')
    expect(await rules()).toEqual(['warning'])
    writeFileSync(config, 'ignore:\n  - { file: "broken.*", rules: [no-dollar], reason: known }\n')
    expect(await rules()).toEqual([])
    writeFileSync(config, 'ignore:\n  - { pointer: /paths/~1orders }\n')
    expect(await rules()).toEqual([])
    rmSync(config)
    rmSync(join(folder, 'package.json'))
  })

  const WRONG: [text: string, message: string][] = [
    ['[]', 'expected an object'],
    ['{"rule": {}}', 'found "rule"'],
    ['{"rules": {"no-dolar": "off"}}', 'there is no rule "no-dolar"'],
    ['{"rules": {"no-dollar": "fatal"}}', 'found "fatal"'],
    ['{"preset": "loose"}', 'found "loose"'],
    ['{"ignore": [{}]}', 'expected "file" or "pointer"'],
    ['{"ignore": [{"file": 1}]}', 'expected "file" in "ignore" to be text'],
    ['{"ignore": [{"file": "a", "rules": ["x"]}]}', 'there is no rule "x"'],
    ['{', 'cannot be read'],
  ]
  test.each(WRONG)('%s is misuse', async (text, message) => {
    const { exitCode, stderr } = await run('lint', good, '--config', file('config/wrong.json', text))
    expect(stderr).toContain(message)
    expect(exitCode).toBe(64)
  })

  test.each(['true', 'no-dollar', '[no-dollar, optional-url]'])(
    'x-ringback-ignore: %s is silent about what is below',
    async (value) => {
      const path = file(
        'ignore.yaml',
        documentWithKey("'{request.body#/url}'").replace('called:', `x-ringback-ignore: ${value}\n        called:`),
      )
      expect((await run('lint', path)).exitCode).toBe(0)
    },
  )

  test('a baseline leaves out what was there, also when it has moved', async () => {
    const baseline = join(folder, 'baseline.json')
    const path = file('old.api.yaml', readFileSync(broken, 'utf8'))
    expect((await run('lint', path, '--write-baseline', baseline)).exitCode).toBe(0)
    writeFileSync(path, `# moved\n${readFileSync(broken, 'utf8')}`)
    expect((await run('lint', path, '--baseline', baseline)).exitCode).toBe(0)
    writeFileSync(path, readFileSync(broken, 'utf8').replace('called:', 'called2:'))
    expect((await run('lint', path, '--baseline', baseline)).exitCode).toBe(1)
  })

  test('entries of a baseline whose findings are gone are counted, and removed by writing it anew', async () => {
    const baseline = join(folder, 'stale.json')
    const [mended, gone, other] = ['mended', 'gone', 'other'].map((name) =>
      file(`stale/${name}.yaml`, readFileSync(broken, 'utf8')),
    )
    await run('lint', join(folder, 'stale'), '--write-baseline', baseline)
    const { stderr: before } = await run('lint', join(folder, 'stale'), '--baseline', baseline)
    expect(before).not.toContain('found no more')

    writeFileSync(mended ?? '', readFileSync(good, 'utf8'))
    rmSync(gone ?? '')
    // Nobody looked at the third.
    const some = await run('lint', mended ?? '', '--baseline', baseline)
    expect(some.stderr).toContain(
      `2 in ${baseline} are found no more. To remove them: ringback lint <all that it is of> --write-baseline`,
    )
    expect(some.exitCode).toBe(0)

    writeFileSync(mended ?? '', readFileSync(broken, 'utf8').replace('called:', 'called2:'))
    const all = await run('lint', join(folder, 'stale'), '--baseline', baseline)
    expect(all.stderr).toContain('To remove them: mend what is reported, then ringback lint')
    expect(all.exitCode).toBe(1)

    await run('lint', join(folder, 'stale'), '--write-baseline', baseline)
    const anew = await run('lint', join(folder, 'stale'), '--baseline', baseline)
    expect(anew.stderr).toBe(`2 held back by ${baseline}\n`)
    expect(readFileSync(baseline, 'utf8')).toContain(other)
  })
})

describe('reports', () => {
  test('several at once', async () => {
    const [sarif, junit] = [join(folder, 'out.sarif'), join(folder, 'out.xml')]
    const { stdout } = await run('lint', broken, '--format', 'agent', '-f', 'sarif', '-o', sarif, '-o', `junit=${junit}`)
    expect(stdout).toContain('errors=1')
    expect(JSON.parse(readFileSync(sarif, 'utf8')).version).toBe('2.1.0')
    expect(readFileSync(junit, 'utf8')).toContain('<testsuites')
  })

  const PAIRS: [flags: [flag: 'f' | 'o', value: string][], outputs: [format: string, file?: string][]][] = [
    [[], [['stylish']]],
    [[['f', 'json']], [['json']]],
    [
      [
        ['f', 'json'],
        ['o', 'a'],
      ],
      [['json', 'a']],
    ],
    [
      [
        ['o', 'a'],
        ['f', 'json'],
      ],
      [['json', 'a']],
    ],
    [[['o', 'a.sarif']], [['sarif', 'a.sarif']]],
    [
      [
        ['o', 'a.xml'],
        ['o', 'b.json'],
      ],
      [
        ['junit', 'a.xml'],
        ['json', 'b.json'],
      ],
    ],
    [
      [
        ['f', 'pretty'],
        ['f', 'github'],
        ['o', 'b'],
      ],
      [['pretty'], ['github', 'b']],
    ],
    [[['o', 'agent=x=y']], [['agent', 'x=y']]],
  ]
  test.each(PAIRS)('%j writes %j', (flags, outputs) => {
    const list = new OutputList()
    for (const [flag, value] of flags) {
      if (flag === 'f') list.addFormat(value)
      else list.addFile(value)
    }
    expect(list.list(false)).toEqual(outputs.map(([format, path]) => ({ format, file: path })))
  })

  test('the command knows every format', () => {
    for (const format of reportFormats)
      expect(new OutputList().addFormat(format).list(false)).toEqual([{ format, file: undefined }])
    expect(new OutputList().list(true)).toEqual([{ format: 'pretty', file: undefined }])
  })

  test('--explain prints the page of a rule', async () => {
    const { exitCode, stdout } = await run('lint', '--explain', 'no-dollar')
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^# no-dollar\n/)
  })
})

describe('standard input', () => {
  const piped = async (
    text: string | Uint8Array,
    ...args: string[]
  ): Promise<{ exitCode: number; stdout: string; stderr: string }> => {
    const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text
    let [stdout, stderr] = ['', '']
    const terminal = { stdout: (one: string) => (stdout += one), stderr: (one: string) => (stderr += one), stdin: () => bytes }
    const exitCode = await runCommandLine(['lint', '-', ...args], terminal)
    return { exitCode, stdout, stderr }
  }

  test('is a document', async () => {
    const { exitCode, stdout } = await piped(documentWithKey("'{request.body#/url}'"), '-f', 'agent')
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/^<stdin>:18:13 error no-dollar /)
    expect((await piped('openapi')).exitCode).toBe(2)
    expect((await piped(new Uint8Array([255, 254, 253]))).stderr).toContain('not UTF-8')
  })

  test('stands where it is told', async () => {
    file('stdin/part.yaml', "'{request.body#/url}': { post: { responses: {} } }\n")
    const text = documentAround("callbacks:\n  called:\n    $ref: 'part.yaml'\n")
    const { stdout } = await piped(text, '-f', 'agent', '--stdin-filename', join(folder, 'stdin/api.yaml'))
    expect(stdout).toContain(`${join(folder, 'stdin/part.yaml')}:1:3 error no-dollar`)
  })
})
