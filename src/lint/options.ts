import { type Preset, presets, type RuleSetting } from './preset.ts'
import { ruleNames } from './rules/index.ts'
import { severities } from './severity.ts'

/** What `lint` and `lintText` are told; also the contents of a configuration file. */
export interface LintOptions {
  /** Default `recommended`. */
  readonly preset?: Preset
  /** Severities by rule, which win over the preset. `off`: the rule is not asked. */
  readonly rules?: Readonly<Record<string, RuleSetting>>
  /** Findings that are left out. */
  readonly ignore?: readonly IgnoreRule[]
}

/** Leaves out what all of its fields fit. At least one of `file` and `pointer` is there. */
export interface IgnoreRule {
  /** A path with `*` (within a folder) and `**` (through folders), compared with the end of the file's name. */
  readonly file?: string
  /** A JSON Pointer: what is there, and everything below. */
  readonly pointer?: string
  /** Default: all. */
  readonly rules?: readonly string[]
}

/** What is wrong with a value that should be `LintOptions`, in plain words; `undefined` when nothing is. */
export function problemOfOptions(value: unknown): string | undefined {
  if (!isRecord(value)) return 'expected an object with "preset", "rules" and "ignore"'
  const unknown = Object.keys(value).find((key) => !['preset', 'rules', 'ignore', '$schema'].includes(key))
  if (unknown !== undefined) return `expected "preset", "rules" or "ignore" but found ${JSON.stringify(unknown)}`
  const { preset, rules, ignore } = value
  if (preset !== undefined && !(presets as readonly unknown[]).includes(preset))
    return `expected "preset" to be ${presets.map((one) => JSON.stringify(one)).join(' or ')} but found ${JSON.stringify(preset)}`
  return problemOfRules(rules) ?? problemOfIgnores(ignore)
}

function problemOfRules(value: unknown): string | undefined {
  if (value === undefined) return undefined
  if (!isRecord(value)) return 'expected "rules" to be an object of rule names and severities'
  for (const [name, setting] of Object.entries(value)) {
    if (!ruleNames.includes(name)) return `there is no rule ${JSON.stringify(name)}`
    if (setting !== 'off' && !(severities as readonly unknown[]).includes(setting))
      return `expected "error", "warning", "info" or "off" for the rule ${JSON.stringify(name)} but found ${JSON.stringify(setting)}`
  }
  return undefined
}

function problemOfIgnores(value: unknown): string | undefined {
  if (value === undefined) return undefined
  if (!Array.isArray(value)) return 'expected "ignore" to be a list'
  for (const one of value) {
    if (!isRecord(one)) return 'expected each item of "ignore" to be an object with "file" or "pointer"'
    const unknown = Object.keys(one).find((key) => !['file', 'pointer', 'rules', 'reason'].includes(key))
    if (unknown !== undefined)
      return `expected "file", "pointer", "rules" or "reason" in "ignore" but found ${JSON.stringify(unknown)}`
    if (one.file === undefined && one.pointer === undefined) return 'expected "file" or "pointer" in each item of "ignore"'
    if (one.file !== undefined && typeof one.file !== 'string') return 'expected "file" in "ignore" to be text'
    if (one.pointer !== undefined && typeof one.pointer !== 'string') return 'expected "pointer" in "ignore" to be text'
    if (one.rules !== undefined && !Array.isArray(one.rules)) return 'expected "rules" in "ignore" to be a list of rule names'
    const stranger = (one.rules as unknown[] | undefined)?.find((name) => !(ruleNames as readonly unknown[]).includes(name))
    if (stranger !== undefined) return `there is no rule ${JSON.stringify(stranger)}`
  }
  return undefined
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
