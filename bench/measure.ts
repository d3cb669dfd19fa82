import { cpus } from 'node:os'

export interface Candidate {
  readonly name: string
  /** Called with a running number, so that inputs can be varied. The result is kept, so that no work is optimised away. */
  run(i: number): unknown
}

export interface Measured {
  readonly name: string
  /** Of the best round: what the code can do; the machine takes away, never gives. */
  readonly perSecond: number
}

let kept: unknown

/** Candidates take turns, so that a busy or a hot machine treats them alike. */
export function measure(
  candidates: readonly Candidate[],
  { rounds = 7, roundMs = 120 }: { readonly rounds?: number; readonly roundMs?: number } = {},
): Measured[] {
  const best = candidates.map(() => 0)
  const batches = candidates.map(({ run }) => batchOf(run))
  for (let round = 0; round < rounds; round++) {
    candidates.forEach(({ run }, c) => {
      const batch = batches[c] ?? 1
      const start = performance.now()
      let calls = 0
      let elapsed = 0
      do {
        for (let i = 0; i < batch; i++) kept = run(i)
        calls += batch
        elapsed = performance.now() - start
      } while (elapsed < roundMs)
      best[c] = Math.max(best[c] ?? 0, (calls / elapsed) * 1000)
    })
  }
  if (kept === measure) throw new Error('unreachable')
  return candidates.map(({ name }, c) => ({ name, perSecond: best[c] ?? 0 }))
}

/** Calls that take about 2 ms. */
function batchOf(run: (i: number) => unknown): number {
  for (let batch = 1; ; batch *= 2) {
    const start = performance.now()
    for (let i = 0; i < batch; i++) kept = run(i)
    if (performance.now() - start > 2) return batch
  }
}

export function printMeasured(title: string, measured: readonly Measured[], target?: number): void {
  console.log(`\n${title}${target === undefined ? '' : ` (target ${rate(target)})`}`)
  const [ours] = measured
  for (const { name, perSecond } of measured) {
    const ratio = ours === undefined || perSecond === ours.perSecond ? '' : `  ringback is ${factor(ours.perSecond / perSecond)}`
    console.log(`  ${rate(perSecond).padStart(12)}  ${name}${ratio}`)
  }
}

export function rate(perSecond: number): string {
  return perSecond >= 1e6 ? `${(perSecond / 1e6).toFixed(1)} M/s` : `${Math.round(perSecond).toLocaleString('en')}/s`
}

function factor(ratio: number): string {
  return ratio >= 1 ? `${ratio.toFixed(1)} times as fast` : `${(1 / ratio).toFixed(1)} times as slow`
}

export function machine(): string {
  const [cpu] = cpus()
  return `Node ${process.version}, ${cpu?.model.trim() ?? 'unknown CPU'} × ${cpus().length}, ${process.platform} ${process.arch}`
}
