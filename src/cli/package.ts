import { readFileSync } from 'node:fs'

// From the folder of the floor, in the sources as in the built package.
const root = new URL('../../', import.meta.url)

export function packageVersion(): string {
  const manifest: { version: string } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))
  return manifest.version
}

/** The page of a rule, as Markdown. */
export function rulePageText(rule: string): string {
  return readFileSync(new URL(`docs/rules/${rule}.md`, root), 'utf8')
}
