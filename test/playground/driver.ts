import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { examples } from '../../playground/src/examples/index.ts'
import { stateOfFragment } from '../../playground/src/link.ts'
import type { PlaygroundState } from '../../playground/src/state.ts'

/** The playground in a browser, built and served as `npm run playground` does it. */
export interface Driver {
  /** A window of its own, with an answer for what it shows. */
  visit(options?: VisitOptions): Promise<Page>
  /** Closes the windows; tells what they did that no page may do: errors, requests, dialogs, breaches of the policy. */
  leave(): Promise<readonly string[]>
  close(): Promise<void>
}

export interface VisitOptions extends BrowserContextOptions {
  readonly hash?: string
  /** Default: where it is served. */
  readonly at?: string
}

export const root: string = fileURLToPath(new URL('../..', import.meta.url))

export async function startDriver(executablePath: string): Promise<Driver> {
  const server = spawn(process.execPath, [join(root, 'scripts/playground.mjs'), '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = await new Promise<string>((resolve, reject) => {
    let output = ''
    server.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      const [found] = /http:\/\/127\.0\.0\.1:\d+\//.exec(output) ?? []
      if (found !== undefined) resolve(found)
    })
    server.once('exit', (code) => reject(new Error(`Expected the playground to be served, but it ended with ${code}: ${output}`)))
  })
  const browser = await chromium.launch({
    executablePath,
    // Chromium's sandbox refuses to run for root, who runs the tests in containers.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  })
  let open: Page[] = []
  let faults: string[] = []

  return {
    async visit({ hash = '', at = url, ...settings } = {}) {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...settings })
      const page = await context.newPage()
      open.push(page)
      page.on('pageerror', (error) => faults.push(`error: ${error.message}`))
      page.on('console', (message) => {
        // Breaches of the Content-Security-Policy are told here as well.
        if (message.type() === 'error' || message.type() === 'warning') faults.push(`console: ${message.text()}`)
      })
      page.on('dialog', (dialog) => {
        faults.push(`dialog: ${dialog.message()}`)
        void dialog.dismiss()
      })
      page.on('request', (request) => {
        const asked = request.url()
        if (!asked.startsWith(`${at}#`) && asked !== at && !/^(?:blob|data):/.test(asked)) faults.push(`request: ${asked}`)
      })
      await page.goto(at + hash)
      await answered(page)
      return page
    },
    async leave() {
      await Promise.all(open.map((page) => page.context().close()))
      open = []
      const found = faults
      faults = []
      return found
    },
    async close() {
      await browser.close()
      server.kill()
    },
  }
}

/** Until the worker has answered for what is shown. */
export async function answered(page: Page): Promise<void> {
  await page.waitForFunction(() => document.documentElement.dataset.state === 'settled')
}

export async function choose(page: Page, example: string): Promise<void> {
  await page.selectOption('#example', example)
  await answered(page)
}

export async function expectText(page: Page, selector: string, text: string): Promise<void> {
  await page.locator(selector, { hasText: text }).waitFor({ state: 'attached', timeout: 30_000 })
  await answered(page)
}

/** What the link of the page carries. */
export async function stateOf(page: Page): Promise<PlaygroundState> {
  await page.click('#copy-link')
  await page.waitForFunction(() => location.hash !== '')
  const state = await stateOfFragment(await page.evaluate(() => location.hash))
  if (!state?.ok) throw new Error(`Expected a link with a state, found ${JSON.stringify(state)}`)
  return state.value
}

export function stateOfExample(name: string): PlaygroundState {
  const { document, exchange } = examples.find((one) => one.name === name) ?? examples[0]
  return { document, exchange }
}

/** The id, or the label, of what has the focus. */
export function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const active = document.activeElement
    return active?.id || active?.getAttribute('aria-label') || active?.textContent || ''
  })
}

export function hasVisibleFocus(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    let active = document.activeElement
    while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement
    const shown = active?.closest('.cm-editor') ?? active
    const style = shown && getComputedStyle(shown)
    return style !== null && style !== undefined && style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) >= 2
  })
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What breaks the rules of WCAG 2.2 AA, and where. */
export async function axe(page: Page): Promise<readonly string[]> {
  // As the debugger, not as the page: the page may run nothing but its own.
  await page.evaluate(axeSource)
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: typeof import('axe-core') }
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
    const { violations } = await axe.run(document, { runOnly: tags })
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id} ${target.join(' ')}: ${failureSummary}`),
    )
  })
}
