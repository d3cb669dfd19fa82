import { fork } from 'node:child_process'
import type { Measurement, Row } from '../delivery-load.ts'

export interface RowFigures extends Measurement {
  readonly name: string
  /** Of the rate and of the processor time of the first row: the median over the rounds, each compared within itself. */
  readonly rateShare: number
  readonly cpuShare: number
}

interface Runner {
  readonly name: string
  run(n: number): Promise<Measurement>
  end(): Promise<void>
}

/** In a process that was started for one row: does the rounds that its parent asks for. */
export async function serveRow(
  rows: Readonly<Record<string, (url: string) => Row>>,
  [name = '', url = '']: readonly string[],
): Promise<void> {
  const row = rows[name]?.(url)
  if (row === undefined) throw new TypeError(`There is no row ${JSON.stringify(name)}.`)
  process.on('message', async (n: number) => {
    if (n > 0) process.send?.(await row.run(n))
    else {
      await row.close()
      process.disconnect()
    }
  })
  process.send?.('ready')
}

/**
 * Every row in a process of its own, so that none is compiled for the others as well; each is run until it gets no faster, and then they
 * take turns, so that a machine that is busy for a while is busy for all of them.
 */
export async function alternate(
  names: readonly string[],
  { file, url, n, rounds }: { readonly file: string; readonly url: string; readonly n: number; readonly rounds: number },
): Promise<readonly RowFigures[]> {
  const runners = await Promise.all(names.map((name) => start(file, name, url)))
  for (const runner of runners) await warm(runner, n)
  const measured: Measurement[][] = runners.map(() => [])
  for (let round = 0; round < rounds; round++) {
    for (const [index, runner] of runners.entries()) measured[index]?.push(await runner.run(n))
  }
  for (const runner of runners) await runner.end()
  const [reference = []] = measured
  return names.map((name, index) => {
    const own = measured[index] ?? []
    const share = (of: (one: Measurement, other: Measurement) => number): number =>
      median(own.map((one, round) => of(one, reference[round] ?? one)))
    return {
      name,
      perSecond: median(own.map(({ perSecond }) => perSecond)),
      cpu: median(own.map(({ cpu }) => cpu)),
      p50: median(own.map(({ p50 }) => p50)),
      p99: median(own.map(({ p99 }) => p99)),
      rateShare: share((one, other) => one.perSecond / other.perSecond),
      cpuShare: share((one, other) => other.cpu / one.cpu),
    }
  })
}

/** Until three rounds in succession take no less processor time than the best before them. */
async function warm({ run }: Runner, n: number): Promise<void> {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0, inVain = 0; round < 20 && inVain < 3; round++) {
    const { cpu } = await run(n)
    inVain = cpu < 0.98 * best ? 0 : inVain + 1
    best = Math.min(best, cpu)
  }
}

/** The same file, with the name of the row as its argument. */
async function start(file: string, name: string, url: string): Promise<Runner> {
  const child = fork(file, ['row', name, url], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const answer = <T>(): Promise<T> =>
    new Promise((resolve, reject) => {
      const gone = (): void => reject(new Error(`The process of ${JSON.stringify(name)} has ended.`))
      child.once('exit', gone)
      child.once('message', (message) => {
        child.off('exit', gone)
        resolve(message as T)
      })
    })
  await answer()
  return {
    name,
    run(n) {
      const measured = answer<Measurement>()
      child.send(n)
      return measured
    },
    end: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve())
        child.send(0)
      }),
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
