/** A binary heap of things that become due: `push`, and `peek` and `pop` of the earliest. Equal instants keep the order of pushing. */
export class DueQueue<T> {
  readonly #heap: { readonly dueAt: number; readonly order: number; readonly item: T }[] = []
  #pushed = 0

  push(item: T, dueAt: number): void {
    const heap = this.#heap
    let at = heap.length
    const entry = { dueAt, order: this.#pushed++, item }
    heap.push(entry)
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent]
      if (above === undefined || !isBefore(entry, above)) break
      heap[at] = above
      at = parent
    }
    heap[at] = entry
  }

  peek(): { readonly item: T; readonly dueAt: number } | undefined {
    return this.#heap[0]
  }

  pop(): T | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined || heap.length === 0) return first?.item
    let at = 0
    for (;;) {
      const left = heap[2 * at + 1]
      const right = heap[2 * at + 2]
      const isRight = left !== undefined && right !== undefined && isBefore(right, left)
      const child = isRight ? right : left
      if (child === undefined || !isBefore(child, last)) break
      heap[at] = child
      at = 2 * at + (isRight ? 2 : 1)
    }
    heap[at] = last
    return first.item
  }
}

interface Rank {
  readonly dueAt: number
  readonly order: number
}

function isBefore(a: Rank, b: Rank): boolean {
  return a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.order < b.order)
}
