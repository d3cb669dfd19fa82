export { type Baseline, type BaselineEntry, baselineOf, isBaseline, newSince, staleIn } from './baseline.ts'
export { type Census, CensusTaker } from './census.ts'
export { unifiedDiff } from './diff.ts'
export { applyFixes, type Fixed, fixedFile } from './fix.ts'
export { countsOf, type LintResult, lint } from './lint.ts'
export { type LintTextOptions, lintText, type TextLint } from './lint-text.ts'
export { type IgnoreRule, type LintOptions, problemOfOptions } from './options.ts'
export { type Preset, presets, type RuleSetting } from './preset.ts'
export type { FileEdit, Fix, Problem, Skipped, Summary } from './problem.ts'
export {
  type Colors,
  displayWidth,
  formatReport,
  printable,
  type Report,
  type ReportFormat,
  type ReportOptions,
  reportFormats,
  rulePage,
} from './report/index.ts'
export type { RuleGroup, RuleInfo } from './rule.ts'
export { ruleInfos, ruleNames } from './rules/index.ts'
export { isAtLeast, type Severity, severities } from './severity.ts'
export { referredCallbacks } from './subject/index.ts'
export { unreadableProblem } from './unreadable.ts'
