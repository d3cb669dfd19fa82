/** Spreads the attempts to one destination over the minute, in the order in which they come. Of this process only. */
export interface Pace {
  /** The instant at which a delivery has its turn; `undefined`: now. */
  turnOf(id: string, destination: string, perMinute: number, now: number): number | undefined
}

interface Line {
  nextAt: number
  /** Turns that were given, by the id of the delivery. */
  readonly turns: Map<string, number>
}

const minuteMs = 60_000
const mostTurns = 10_000
const mostLines = 10_000

export function createPace(): Pace {
  const lines = new Map<string, Line>()

  const lineOf = (destination: string, now: number): Line => {
    const known = lines.get(destination)
    if (known !== undefined) return known
    if (lines.size >= mostLines) for (const [name, { nextAt }] of lines) if (nextAt <= now) lines.delete(name)
    const line: Line = { nextAt: now, turns: new Map() }
    lines.set(destination, line)
    return line
  }

  return {
    turnOf(id, destination, perMinute, now) {
      const line = lineOf(destination, now)
      const given = line.turns.get(id)
      if (given !== undefined) {
        if (given > now) return given
        line.turns.delete(id)
        return undefined
      }
      const at = Math.max(line.nextAt, now)
      line.nextAt = at + minuteMs / perMinute
      if (at <= now) return undefined
      // Of those whose time is long over the deliveries have ended otherwise.
      if (line.turns.size >= mostTurns)
        for (const [other, turn] of line.turns) if (turn < now - minuteMs) line.turns.delete(other)
      if (line.turns.size < mostTurns) line.turns.set(id, at)
      return at
    },
  }
}
