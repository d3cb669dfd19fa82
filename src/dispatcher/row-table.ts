/**
 * Rows by id, in the order of adding.
 *
 * Not a `Map` of rows: the table that V8 gives up when a `Map` has changed a lot refers to the next one, and to all that it held. Once one
 * of them is old, whatever passes through the map stays until the next full collection, which took longer than the rest of a delivery.
 */
export class RowTable<Row> {
  readonly #places = new Map<string, number>()
  readonly #rows: (Row | undefined)[] = []
  readonly #free: number[] = []

  get(id: string): Row | undefined {
    const place = this.#places.get(id)
    return place === undefined ? undefined : this.#rows[place]
  }

  /** Of an id that is not there. */
  add(id: string, row: Row): void {
    const place = this.#free.pop() ?? this.#rows.length
    this.#places.set(id, place)
    this.#rows[place] = row
  }

  delete(id: string): void {
    const place = this.#places.get(id)
    if (place === undefined) return
    this.#places.delete(id)
    this.#rows[place] = undefined
    this.#free.push(place)
  }

  all(): Row[] {
    const rows: Row[] = []
    for (const place of this.#places.values()) {
      const row = this.#rows[place]
      if (row !== undefined) rows.push(row)
    }
    return rows
  }
}
