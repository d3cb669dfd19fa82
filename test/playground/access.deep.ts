import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { examples } from '../../playground/src/examples/index.ts'
import { fragmentOf } from '../../playground/src/link.ts'
import { answered, axe, choose, expectText, focused, hasVisibleFocus, stateOfExample } from './driver.ts'
import { describeInBrowser } from './in-browser.ts'

describeInBrowser('everybody can use the playground', ({ visit }) => {
  test('can be used with the keyboard alone', async () => {
    const page = await visit()
    await page.keyboard.press('Tab')
    expect(await focused(page)).toBe('example')
    // Typing the beginning of a name chooses it.
    await page.keyboard.type('Keys that br')
    await page.keyboard.press('Tab')
    expect(await focused(page)).toBe('copy-link')
    await answered(page)
    await page.keyboard.press('Tab')
    expect(await focused(page)).toBe('editor')
    // In the editor, Tab is a key like any other, until Escape.
    const before = await page.locator('#editor .cm-line').first().textContent()
    await page.keyboard.press('Tab')
    expect(await focused(page)).toBe('editor')
    expect(await page.locator('#editor .cm-line').first().textContent()).toBe(`  ${before}`)
    await page.keyboard.press('Shift+Tab')
    expect(await page.locator('#editor .cm-line').first().textContent()).toBe(before)
    await answered(page)
    await page.keyboard.press('Escape')
    await page.keyboard.press('Shift+Tab')
    expect(await focused(page)).toBe('copy-link')
    await page.keyboard.press('Tab')
    // F8 goes to the next finding, and says what it is.
    await page.keyboard.press('F8')
    expect(await page.locator('#editor .cm-activeLine').textContent()).toContain('{request.body#/callbackUrl}')
    await page.keyboard.press('Escape')
    await page.keyboard.press('Tab')
    // What is told of the finding has a button for its fix, and may still be open.
    if ((await focused(page)) === 'editor') await page.keyboard.press('Tab')
    expect(await focused(page)).toBe('fix-all')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    // A finding leads into the editor.
    expect(await focused(page)).toBe('editor')
    await page.keyboard.press('Escape')
    expect(await tabTo(page, 'Apply fix: no-dollar, line 30')).toBeLessThan(7)
    await page.keyboard.press('Enter')
    await expectText(page, '#findings-count', '5 errors')

    const reached: string[] = []
    for (let i = 0; i < 60 && !reached.includes('responseBody'); i++) {
      await page.keyboard.press('Tab')
      reached.push(await focused(page))
      expect(await hasVisibleFocus(page), reached.at(-1)).toBe(true)
    }
    const fields = ['operation', 'method', 'url', 'requestHeaders', 'requestBody', 'status', 'responseHeaders', 'responseBody']
    expect(reached.filter((name) => fields.includes(name))).toEqual(fields)
    await expectText(page, '#status-line', 'Findings: 5 errors. 1 of 5 callbacks resolved.')
  })

  test('keeps its place when results come while the keyboard is in them', async () => {
    const page = await visit({ hash: await fragmentOf(stateOfExample('broken')) })
    const fix = page.locator('.finding', { hasText: 'dot-instead-of-pointer' }).locator('button', { hasText: 'Apply fix' })
    await fix.focus()
    await page.keyboard.press('Enter')
    await expectText(page, '#findings-count', '5 errors')
    // Whoever applied a fix goes on from the findings, not from the top of the page.
    expect(await page.evaluate(() => document.activeElement?.closest('.findings') !== null)).toBe(true)
  })

  // Together they show everything that there is to be shown.
  const EACH_KIND = ['job', 'own-server', 'broken', 'missing']
  const SCHEMES = ['light', 'dark'] as const
  const SIZES = [
    { width: 1440, height: 900 },
    { width: 1000, height: 800 },
    { width: 390, height: 844 },
  ]
  describe.each(SCHEMES)('in a %s scheme', (colorScheme) => {
    test.each(SIZES)('nothing stands in the way of those who see, hear or move otherwise, at $width pixels', async (viewport) => {
      const page = await visit({ colorScheme, viewport })
      for (const name of EACH_KIND) {
        await choose(page, name)
        expect(await axe(page), name).toEqual([])
      }
      await choose(page, 'broken')
      await page.locator('#editor .cm-content').click()
      await page.keyboard.press('Control+f')
      await page.locator('#editor .cm-search').waitFor()
      await page.locator('#editor .cm-content').click()
      await page.keyboard.press('F8')
      await page.locator('#editor .cm-tooltip').waitFor()
      expect(await axe(page), 'search and a finding in the editor').toEqual([])
      await page.fill('#url', 'x')
      await page.fill('#requestHeaders', 'x')
      await expectText(page, '#url-problem', 'Expected')
      expect(await axe(page), 'wrong fields').toEqual([])
    })
  })

  test.each([320, 390, 760, 1000])('nothing is wider than a window of %i pixels', async (width) => {
    const page = await visit({ viewport: { width, height: 800 } })
    for (const { name } of examples) {
      await choose(page, name)
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
    }
  })

  test('columns stand side by side in a wide window, and on each other in a narrow one', async () => {
    const places = async (width: number): Promise<readonly { readonly x: number; readonly y: number }[]> => {
      const page = await visit({ viewport: { width, height: 900 } })
      return page
        .locator('.pane')
        .evaluateAll((all) => all.map((pane) => pane.getBoundingClientRect()).map(({ x, y }) => ({ x, y })))
    }
    const wide = await places(1440)
    expect(new Set(wide.map(({ y }) => y)).size).toBe(1)
    expect(wide.map(({ x }) => x)).toEqual(wide.map(({ x }) => x).sort((a, b) => a - b))
    const narrow = await places(390)
    expect(new Set(narrow.map(({ x }) => x)).size).toBe(1)
    expect(narrow.map(({ y }) => y)).toEqual(narrow.map(({ y }) => y).sort((a, b) => a - b))
  })

  test('nothing moves for those who want that', async () => {
    const durations = (page: Page): Promise<readonly string[]> =>
      page
        .locator('button, select, input, textarea')
        .evaluateAll((all) => [...new Set(all.map((one) => getComputedStyle(one).transitionDuration))])
    expect(await durations(await visit({ reducedMotion: 'reduce' }))).toEqual(['0s'])
    expect(await durations(await visit({ reducedMotion: 'no-preference' }))).not.toEqual(['0s'])
  })

  test('a document of 3 MB is checked while one types', async () => {
    const page = await visit({ hash: await fragmentOf({ ...stateOfExample('broken'), document: largeDocument(3_000_000) }) })
    await expectText(page, '#findings-count', '6 errors')
    await page.locator('#editor .cm-content').click()
    await page.keyboard.press('Control+Home')
    const busyMs = await cpuClock(page)
    await page.keyboard.type('# A comment, written while the worker works on what it was before.\n', { delay: 15 })
    await answered(page)
    const busy = await busyMs()
    await expectText(page, '#findings-count', '6 errors')
    expect(await page.locator('#editor .cm-line').first().textContent()).toBe(
      '# A comment, written while the worker works on what it was before.',
    )
    // Milliseconds for each key. Reading the document once on the page would take as long as all keys together.
    expect(busy / 68).toBeLessThan(30)
  })
})

/** Tells how long the page itself has worked from now on: neither its worker nor what else the machine does counts. */
async function cpuClock(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const read = async (): Promise<number> => {
    const { metrics } = await session.send('Performance.getMetrics')
    return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN) * 1000
  }
  const start = await read()
  return async () => (await read()) - start
}

/** How many times it took. */
async function tabTo(page: Page, name: string): Promise<number> {
  for (let times = 1; times < 20; times++) {
    await page.keyboard.press('Tab')
    if ((await focused(page)) === name) return times
  }
  throw new Error(`Expected Tab to lead to ${name}`)
}

/** The broken example, and so many schemas behind it. */
function largeDocument(length: number): string {
  const { document } = examples.find(({ name }) => name === 'broken') ?? examples[0]
  const schemas: string[] = []
  for (let size = 0; size < length; size += schemas.at(-1)?.length ?? 0) {
    schemas.push(
      `    Schema${schemas.length}:\n      type: object\n      description: One of many, so that the document is long.\n      properties:\n        id: { type: string }\n        next: { $ref: "#/components/schemas/Schema0" }\n`,
    )
  }
  return `${document}components:\n  schemas:\n${schemas.join('')}`
}
