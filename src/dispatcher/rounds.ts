/** Calls of `runDue` that are under way. Each counts the attempts that are made until nothing is due. */
export interface Rounds {
  areUnderWay(): boolean
  begin(): Promise<number>
  /** One more attempt was made. */
  count(): void
  finish(): void
  fail(error: unknown): void
}

export function createRounds(): Rounds {
  interface Round {
    made: number
    readonly resolve: (made: number) => void
    readonly reject: (error: unknown) => void
  }
  let rounds: Round[] = []
  const end = (how: (round: Round) => void): void => {
    const ended = rounds
    rounds = []
    ended.forEach(how)
  }
  return {
    areUnderWay: () => rounds.length > 0,
    begin: () => new Promise((resolve, reject) => rounds.push({ made: 0, resolve, reject })),
    count() {
      for (const round of rounds) round.made++
    },
    finish: () => end(({ resolve, made }) => resolve(made)),
    fail: (error) => end(({ reject }) => reject(error)),
  }
}
