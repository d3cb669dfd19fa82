import { rules } from './rules/index.ts'
import type { Severity } from './severity.ts'

/**
 * - `recommended`: what certainly does not work is an error.
 * - `strict`: what is legal and seldom meant is a warning.
 * - `3gpp`: as `recommended`, for documents of 3GPP: pointers that start in the JSON part of a multipart body, callbacks in callbacks
 *   and optional notification URIs are their house style.
 */
export type Preset = 'recommended' | 'strict' | '3gpp'

export const presets: readonly Preset[] = ['recommended', 'strict', '3gpp']

export type RuleSetting = Severity | 'off'

const houseStyleOf3gpp: Readonly<Record<string, RuleSetting>> = {
  'pointer-into-json-part': 'info',
  'nested-callback': 'off',
  'optional-url': 'off',
}

/** What a preset says of a rule; `undefined` where the rule itself decides. */
export function presetSetting(preset: Preset, name: string): RuleSetting | undefined {
  switch (preset) {
    case 'recommended':
      return undefined
    case 'strict':
      return rules.find((rule) => rule.name === name)?.strict
    case '3gpp':
      return houseStyleOf3gpp[name]
  }
}
