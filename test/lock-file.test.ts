import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

interface LockedPackage {
  readonly version?: string
  readonly resolved?: string
  readonly integrity?: string
  readonly optional?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const lock: { packages: Record<string, LockedPackage> } = JSON.parse(
  readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'),
)
const entries = Object.entries(lock.packages)

/** Where Node would find `name` for the package in `folder`. */
function find(folder: string, name: string): LockedPackage | undefined {
  for (let at = folder; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
    const found = lock.packages[`${at}${at === '' ? '' : '/'}node_modules/${name}`]
    if (found || at === '') return found
  }
}

// npm leaves out what it cannot fetch where the file is written, and then `npm ci` refuses the file everywhere.
test('the lock file has the binaries of every platform, in the version that is asked for', () => {
  const missing = entries.flatMap(([folder, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name, wanted]) => {
        const version = find(folder, name)?.version
        return version === undefined || (/^\d/.test(wanted) && version !== wanted)
      })
      .map(([name, wanted]) => `${folder} wants ${name}@${wanted}`),
  )
  expect(missing).toEqual([])
})

test('the lock file says what is in a package, not where to fetch it', () => {
  expect(entries.filter(([, { resolved }]) => resolved !== undefined).map(([folder]) => folder)).toEqual([])
  const unverified = entries.filter(([folder, { integrity, optional }]) => folder !== '' && integrity === undefined && !optional)
  expect(unverified.map(([folder]) => folder)).toEqual([])
})
