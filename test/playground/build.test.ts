import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

describe('the built page', () => {
  let html = ''

  beforeAll(() => {
    const { stdout, stderr, status } = spawnSync(process.execPath, ['scripts/playground.mjs', '--build'], {
      cwd: root,
      encoding: 'utf8',
    })
    expect([stderr, status]).toEqual(['', 0])
    html = readFileSync(stdout.trim(), 'utf8')
  })

  test('is one file of at most a megabyte', () => {
    expect(html.length).toBeLessThan(1_000_000)
  })

  test('refers to no other', () => {
    const markup = html.replace(/<(script|style)[^>]*>.*?<\/\1>/gs, '<$1></$1>')
    const referred = Array.from(markup.matchAll(/\b(?:src|href|action|data|srcset)="([^"]*)"/g), ([, target]) => target)
    expect(referred).toEqual(['data:,'])
  })

  test('runs exactly the code and the style that are in it', () => {
    const hash = (text = ''): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
    const [, script] = /<script type="module">(.*?)<\/script>/s.exec(html) ?? []
    const [, style] = /<style>(.*?)<\/style>/s.exec(html) ?? []
    const [, policy] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html) ?? []
    expect(policy?.split('; ')).toEqual([
      "default-src 'none'",
      `script-src ${hash(script)}`,
      'worker-src blob:',
      `style-src ${hash(style)}`,
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
      "require-trusted-types-for 'script'",
      'trusted-types worker',
    ])
  })
})
