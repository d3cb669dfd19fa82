import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { documentAround, documentWithKey } from '../lint/support.ts'
import { peersFolder } from '../support/peers.ts'

// Each of them takes seconds to start.
vi.setConfig({ testTimeout: 180_000 })

const peers = peersFolder(fileURLToPath(new URL('../..', import.meta.url)))

if (peers === undefined) test.skip('Spectral and Redocly are not installed, and the registry cannot be reached', () => {})
else {
  // Inside the folder of the peers, so that their packages and this one are found.
  const folder = mkdtempSync(join(peers, 'documents-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const file = (name: string, text: string): string => {
    mkdirSync(join(folder, 'parts'), { recursive: true })
    writeFileSync(join(folder, name), text)
    return name
  }

  file('broken.yaml', documentWithKey("'{request.body#/url}'"))
  file('missing.yaml', documentWithKey('"{$request.body#/sub/uri}"'))
  file('good.yaml', documentWithKey("'{$request.body#/url}'"))
  file('multi.yaml', documentAround("callbacks:\n  called:\n    $ref: 'parts/callbacks.yaml#/called'\n"))
  file('parts/callbacks.yaml', "called:\n  '{request.body#/url}':\n    post: { responses: { '200': { description: OK } } }\n")

  const run = (bin: string, args: string[]): { status: number | null; stdout: string; stderr: string } => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(peers, 'node_modules', bin), ...args], {
      cwd: folder,
      encoding: 'utf8',
    })
    return { status, stdout, stderr }
  }

  describe('Spectral', () => {
    file('by-name.yaml', "extends: ['ringback/spectral']\n")
    // By path Spectral bundles the file into CommonJS itself.
    file('by-path.yaml', "extends: ['../node_modules/ringback/dist/plugins/spectral.js']\n")
    file('off.yaml', "extends: ['ringback/spectral']\nrules:\n  ringback-no-dollar: off\n")

    const lint = (
      document: string,
      ruleset: string,
    ): { code: string; message: string; path: string[]; severity: number; range: object }[] => {
      const { stdout, stderr } = run('@stoplight/spectral-cli/dist/index.js', [
        'lint',
        document,
        '-r',
        ruleset,
        '-f',
        'json',
        '-q',
      ])
      expect(stderr).toBe('')
      return JSON.parse(stdout)
    }

    test.each(['by-name.yaml', 'by-path.yaml'])('finds defects (%s)', (ruleset) => {
      expect(lint('broken.yaml', ruleset)).toMatchObject([
        {
          code: 'ringback-no-dollar',
          severity: 0,
          message: 'An expression starts with "$", which is missing here.',
          path: ['paths', '/orders', 'post', 'callbacks', 'called', '{request.body#/url}'],
          range: { start: { line: 17 } },
        },
      ])
      expect(lint('missing.yaml', ruleset).map(({ code }) => code)).toEqual(['ringback-pointer-not-in-schema'])
      expect(lint('good.yaml', ruleset)).toEqual([])
    })

    test('follows references to other files', () => {
      expect(lint('multi.yaml', 'by-name.yaml').map(({ message }) => message)).toContainEqual(
        expect.stringMatching(/parts\/callbacks\.yaml:2:5 An expression starts with "\$"/),
      )
    })

    test('lets a rule be turned off', () => {
      expect(lint('broken.yaml', 'off.yaml')).toEqual([])
    })
  })

  describe('Redocly', () => {
    file('redocly.yaml', 'plugins: [ringback/redocly]\nextends: [ringback/recommended]\ntelemetry: off\n')
    file(
      'off-redocly.yaml',
      'plugins: [ringback/redocly]\nextends: [ringback/recommended]\nrules: { ringback/no-dollar: off }\ntelemetry: off\n',
    )

    const lint = (
      document: string,
      config: string = 'redocly.yaml',
    ): { ruleId: string; location: { source: { ref: string }; start: object }[] }[] => {
      const { stdout } = run('@redocly/cli/bin/cli.js', ['lint', document, '--config', config, '--format', 'json'])
      return JSON.parse(stdout).problems
    }

    test('finds defects, and points inside the key', () => {
      expect(lint('broken.yaml')).toMatchObject([{ ruleId: 'ringback/no-dollar', location: [{ start: { line: 18, col: 13 } }] }])
      expect(lint('missing.yaml')).toMatchObject([
        { ruleId: 'ringback/pointer-not-in-schema', location: [{ start: { line: 18, col: 32 } }] },
      ])
      expect(lint('good.yaml')).toEqual([])
    })

    test('points into other files', () => {
      expect(lint('multi.yaml')).toContainEqual(
        expect.objectContaining({
          ruleId: 'ringback/no-dollar',
          location: [expect.objectContaining({ source: { ref: 'parts/callbacks.yaml' }, start: { line: 2, col: 5 } })],
        }),
      )
    })

    test('lets a rule be turned off', () => {
      expect(lint('broken.yaml', 'off-redocly.yaml')).toEqual([])
    })
  })
}
