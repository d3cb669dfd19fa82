/**
 * Starts to measure the processor time of this process, in milliseconds: a busy machine stretches the time of day, and hardly this. For
 * bounds that only what grows out of hand can break.
 */
export function startCpuTime(): () => number {
  const start = process.cpuUsage()
  return () => {
    const { user, system } = process.cpuUsage(start)
    return (user + system) / 1000
  }
}
