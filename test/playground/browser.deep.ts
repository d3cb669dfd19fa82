import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { fragmentOf } from '../../playground/src/link.ts'
import { choose, expectText, root, stateOf, stateOfExample } from './driver.ts'
import { describeInBrowser } from './in-browser.ts'

describeInBrowser('the playground', ({ visit, leave }) => {
  test('shows each part of a URL with where it came from', async () => {
    const page = await visit()
    const card = page.locator('.callback', { hasText: 'onStatus' })
    const pieces = card.locator('.url .piece')
    expect(await pieces.evaluateAll((all) => all.map((piece) => piece.className))).toEqual([
      'piece request-body',
      'piece text',
      'piece response-body',
      'piece text',
      'piece request-query',
    ])
    // Not by colour alone: each has its number, a line of its own kind, and words for those who do not see it.
    expect(await card.locator('.url sup').allTextContents()).toEqual(['1', '2', '3'])
    const lines = await pieces.evaluateAll((all) => all.map((piece) => getComputedStyle(piece).borderBottomStyle))
    expect(lines).toEqual(['solid', 'solid', 'double', 'solid', 'solid'])
    expect(await card.locator('.url .unseen').allTextContents()).toEqual([
      ' (request body) ',
      ' (response body) ',
      ' (request query) ',
    ])
    expect(await page.locator('.legend .chip').allTextContents()).toEqual([
      'text of the key',
      'request query',
      'request body',
      'response body',
    ])
    expect(await card.locator('.parts .value').allTextContents()).toEqual([
      '"https://client.example/hooks"',
      '"stream 42"',
      '"a&b"',
    ])
  })

  test('follows what is typed into the exchange', async () => {
    const page = await visit()
    await page.fill('#responseBody', '{"id": "x/y", "closedUrl": "https://client.example/bye"}')
    await expectText(page, '#callbacks', 'https://client.example/bye')
    await page.fill('#status', '')
    await expectText(page, '#callbacks', 'needs-response')
    await page.fill('#url', 'not a url')
    await expectText(page, '#url-problem', 'Expected an absolute URL')
    expect(await page.getAttribute('#url', 'aria-invalid')).toBe('true')
    await expectText(page, '#operation-hint', 'matches no operation')
    await page.selectOption('#operation', 'createStream')
    await expectText(page, '#operation-hint', 'matches POST /streams')
    expect(await page.inputValue('#url')).toBe('https://api.example/streams')
    expect(await page.getAttribute('#url', 'aria-invalid')).toBeNull()
  })

  test('explains what is broken, goes there, and mends it', async () => {
    const page = await visit()
    await choose(page, 'broken')
    expect(await page.locator('.finding').count()).toBe(6)
    const card = page.locator('.callback', { hasText: 'dotForHash' })
    expect(await card.locator('mark').allTextContents()).toEqual(['.'])
    expect(await card.locator('.meant code').textContent()).toBe('{$request.body#/callbackUrl}')

    await page.locator('.finding', { hasText: 'no-dollar' }).locator('.jump').click()
    expect(await page.locator('#editor .cm-activeLine').textContent()).toContain('{request.body#/callbackUrl}')
    expect(await page.locator('#editor .cm-lintRange-error').count()).toBeGreaterThan(0)

    await card.locator('.meant button').click()
    await expectText(page, '#findings-count', '5 errors')
    expect(await card.locator('.url').textContent()).toContain('https://client.example/cb')

    await page.click('#fix-all')
    await expectText(page, '#findings-count', '2 errors')
    const { document } = await stateOf(page)
    for (const key of [
      '{$request.body#/callbackUrl}',
      '{$request.body#/callbackUrl}/paid',
      'https://hooks.example/{$request.body#/id}',
    ])
      expect(document).toContain(JSON.stringify(key))
    expect(await page.locator('#fix-all').isHidden()).toBe(true)
  })

  test('keeps the last callbacks while a line is half typed', async () => {
    const page = await visit()
    await page.locator('#editor .cm-content').click()
    await page.keyboard.press('Control+End')
    await page.keyboard.type('\n"half')
    await expectText(page, '#callbacks', 'cannot be read right now')
    expect(await page.locator('.callback').count()).toBe(3)
    expect(await page.locator('.finding .rule').allTextContents()).toEqual(['unreadable'])
  })

  test('writes over a selection without a word in the console', async () => {
    const page = await visit()
    await page.locator('#editor .cm-content').click()
    await page.keyboard.press('Control+a')
    const text = 'servers: [{ url: https://api.example/v1 }]'
    await page.keyboard.type(`{ openapi: 3.1.0, ${text}, paths: { /jobs: { get: {} } } }`)
    await page.fill('#url', 'https://api.example/jobs')
    await page.fill('#method', 'GET')
    await expectText(page, '#callbacks', 'its URL lacks the base path /v1')
    expect((await stateOf(page)).document).toContain(text)
  })

  test('gives a link that carries the state', async () => {
    const page = await visit()
    await choose(page, 'claims')
    await page.fill('#requestBody', '{"delivery":{"callbackUrl":"https://ü.example/<b>"}}')
    const state = await stateOf(page)
    expect(state.exchange.requestBody).toBe('{"delivery":{"callbackUrl":"https://ü.example/<b>"}}')
    const other = await visit({ hash: await page.evaluate(() => location.hash) })
    expect(await stateOf(other)).toEqual(state)
    expect(await other.locator('.finding').count()).toBe(4)
    // The back button, or another link into the same page.
    await other.evaluate((hash) => location.assign(hash), await fragmentOf(stateOfExample('job')))
    await expectText(other, '#operation-hint', 'matches POST /projects/{project}/jobs')
  })

  test.each(['#v1.AAAA', '#nonsense', '#v1.%3Cscript%3E'])(
    'says what is wrong with the link %s, and begins anew',
    async (hash) => {
      const page = await visit({ hash })
      expect(await page.locator('#notice').textContent()).toMatch(/^The link /)
      expect(await page.locator('.callback').count()).toBe(3)
    },
  )

  test('makes nothing of what a hostile document and link hold', async () => {
    const attack = '<img src=x onerror="alert(1)"><script>alert(2)</script><a href="javascript:alert(3)">x</a>'
    const quoted = JSON.stringify(attack)
    const document = `openapi: 3.1.0
info: { title: ${quoted}, version: ${quoted} }
paths:
  ${JSON.stringify(`/${attack}`)}: { get: { responses: {}, callbacks: { a: { ${quoted}: {} } } } }
  /x:
    post:
      operationId: ${quoted}
      responses: {}
      callbacks:
        ${quoted}:
          ${JSON.stringify(`{$request.body#/${attack.replaceAll('/', '~1')}}`)}: { post: { responses: {} } }
          ${JSON.stringify(`https://h.example/${attack}/{$request.body.x}`)}: { post: { responses: {} } }
          ${JSON.stringify(`https://h.example/{$request.header.${attack}}`)}: { ${quoted}: {}, post: { responses: {} } }
        "\\u202Egnp.exe": { "{$request.body#/\\u202E": { post: { responses: {} } } }
`
    const body = JSON.stringify({ [attack]: `https://h.example/${attack}` })
    const exchange = {
      method: 'POST',
      url: `https://api.example/x?${encodeURIComponent(attack)}`,
      requestHeaders: `Content-Type: application/json\n${attack}`,
      requestBody: body,
      status: '201',
      responseHeaders: attack,
      responseBody: attack,
    }
    const page = await visit({ hash: await fragmentOf({ document, exchange }) })
    expect(await page.locator('.callback').count()).toBeGreaterThan(2)
    expect(await page.locator('main img, main a[href^="javascript"], main script').count()).toBe(0)
    expect(await page.locator('#callbacks').textContent()).not.toContain('\u202e')
    for (const link of await page.locator('main a').evaluateAll((all) => all.map((one) => (one as HTMLAnchorElement).href)))
      expect(link).toMatch(/^https:\/\/unpkg\.com\/ringback\/docs\/rules\/[a-z-]+\.md$/)
  })

  test('lets no code be made, and nothing be loaded', async () => {
    const page = await visit()
    const policy = (await page.getAttribute('meta[http-equiv="Content-Security-Policy"]', 'content')) ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/unsafe-|https?:|\*/)
    const tried = await page.evaluate(async () => {
      const refused = (attempt: () => unknown): string => {
        try {
          attempt()
          return 'done'
        } catch {
          return 'refused'
        }
      }
      const script = document.createElement('script')
      return [
        // Not as the debugger, which may.
        await new Promise<string>((resolve) => {
          setTimeout(() => resolve(refused(() => new Function('window.ran = true'))))
        }),
        refused(() => Object.assign(document.createElement('p'), { innerHTML: '<b>x</b>' })),
        refused(() => Object.assign(script, { textContent: 'window.ran = true' })),
        refused(() => document.body.append(script)),
        'ran' in window ? 'done' : 'refused',
        await fetch('/').then(
          () => 'done',
          () => 'refused',
        ),
      ]
    })
    expect(tried).toEqual(['refused', 'refused', 'refused', 'done', 'refused', 'refused'])
    // These were the test's own.
    const faults = await leave()
    expect(faults.filter((fault) => !/Content.Security.Policy|requires 'Trusted/.test(fault))).toEqual([])
    expect(faults.length).toBeGreaterThan(0)
  })

  test('needs no server', async () => {
    const page = await visit({ at: pathToFileURL(join(root, 'playground/dist/index.html')).href })
    expect(await page.locator('.callback.resolved').count()).toBe(3)
  })
})
