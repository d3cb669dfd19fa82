/** How much a finding matters. `info`: nothing is wrong, or nothing can be proved. */
export type Severity = 'error' | 'warning' | 'info'

/** The worst first. */
export const severities: readonly Severity[] = ['error', 'warning', 'info']

/** Whether `severity` is `threshold` or worse. */
export function isAtLeast(severity: Severity, threshold: Severity): boolean {
  return severities.indexOf(severity) <= severities.indexOf(threshold)
}
