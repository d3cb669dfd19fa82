import { systemClock } from '../../util/index.ts'
import type { CommandContext } from '../command.ts'

/** Tells on stderr how far a long work has come, at most once a second. */
export interface Progress {
  at(count: number): void
  end(): void
}

const everyMs = 1000

export function createProgress(context: CommandContext, done: string): Progress {
  const isTerminal = process.stderr.isTTY === true
  let toldAt = systemClock.now()
  let told = 0
  let isOpen = false
  return {
    at(count) {
      const now = systemClock.now()
      if (count === told || now - toldAt < everyMs) return
      toldAt = now
      told = count
      isOpen = isTerminal
      context.stderr(isTerminal ? `\r${count} ${done} …` : `${count} ${done} …\n`)
    },
    end() {
      if (isOpen) context.stderr('\n')
    },
  }
}
