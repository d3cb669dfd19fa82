import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest'
import { findChromium, noChromium } from '../support/chromium.ts'
import { type Driver, startDriver } from './driver.ts'

/** Tests of the playground in a browser, where there is one. Each of them fails where a page did what no page may do. */
export function describeInBrowser(what: string, tests: (driver: Pick<Driver, 'visit' | 'leave'>) => void): void {
  const executablePath = findChromium()
  const name = executablePath === undefined ? `${what}: ${noChromium}` : what
  describe.skipIf(executablePath === undefined)(name, { timeout: 60_000 }, () => {
    let driver: Driver
    beforeAll(async () => {
      driver = await startDriver(executablePath ?? '')
    }, 120_000)
    afterAll(() => driver?.close())
    afterEach(async () => {
      expect(await driver.leave()).toEqual([])
    })
    tests({ visit: (options) => driver.visit(options), leave: () => driver.leave() })
  })
}
