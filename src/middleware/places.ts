interface Places {
  free: number
  /** By their numbers among the targets of the exchange. */
  readonly called: Set<number>
}

const known = new WeakMap<object, Places>()

/**
 * Gives to as many targets of an exchange as may be called, in their order. One that was called before needs no place, and one to which nothing
 * is given in the end leaves its place to the next. Answers those that found none.
 */
export async function giveWithin<Target extends { readonly index: number }>(
  exchange: object,
  most: number,
  targets: readonly Target[],
  give: (target: Target) => Promise<boolean>,
): Promise<readonly Target[]> {
  const places = known.get(exchange) ?? { free: most, called: new Set<number>() }
  known.set(exchange, places)
  const again = targets.filter(({ index }) => places.called.has(index)).map(give)
  const queue = targets.filter(({ index }) => !places.called.has(index))
  const inPlace = async (): Promise<void> => {
    places.free--
    for (let target = queue.shift(); target !== undefined; target = queue.shift()) {
      places.called.add(target.index)
      if (await give(target)) return
      places.called.delete(target.index)
    }
    places.free++
  }
  const placed = Array.from({ length: Math.min(places.free, queue.length) }, inPlace)
  await Promise.all<unknown>([...again, ...placed])
  return queue
}
