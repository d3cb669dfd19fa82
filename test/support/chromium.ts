import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Why a test that needs a browser is left out. */
export const noChromium = 'no Chromium was found: install one, or name it in CHROMIUM_PATH'

/** A Chromium of this machine: the one that CHROMIUM_PATH names, else one in a usual place. Nothing is downloaded. */
export function findChromium(): string | undefined {
  const named = process.env.CHROMIUM_PATH
  if (named !== undefined && named !== '') {
    // A wrong name is a mistake, not the wish to leave the tests out.
    if (!existsSync(named)) throw new Error(`Expected a browser at CHROMIUM_PATH, found no file ${named}`)
    return named
  }
  return [...usualPlaces, ...ofPlaywright()].find((path) => existsSync(path))
}

const usualPlaces = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/** Where Playwright keeps the browsers that it has installed, the newest first. */
function ofPlaywright(): readonly string[] {
  const caches = [
    process.env.PLAYWRIGHT_BROWSERS_PATH,
    join(homedir(), '.cache/ms-playwright'),
    join(homedir(), 'Library/Caches/ms-playwright'),
  ]
  return caches.flatMap((cache) => {
    if (cache === undefined || !existsSync(cache)) return []
    const versions = readdirSync(cache).filter((name) => /^chromium-\d+$/.test(name))
    versions.sort((a, b) => Number(b.slice(9)) - Number(a.slice(9)))
    const programs = ['chrome-linux64/chrome', 'chrome-linux/chrome', 'chrome-mac/Chromium.app/Contents/MacOS/Chromium']
    return versions.flatMap((version) => programs.map((program) => join(cache, version, program)))
  })
}
