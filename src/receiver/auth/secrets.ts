/**
 * One secret or several, as a list. Throws `TypeError` for none, an empty one, or what is no text: with `process.env.SECRET ?? ''` and no
 * such variable, anybody could sign.
 */
export function checkedSecrets(secret: string | readonly string[], name: string): readonly string[] {
  const all: readonly unknown[] = [secret].flat()
  if (all.length === 0) throw new TypeError(`Expected ${name} but found an empty list`)
  for (const one of all) {
    if (typeof one !== 'string')
      throw new TypeError(`Expected ${name} to be text but found ${one === null ? 'null' : typeof one}`)
    if (one.trim() === '') throw new TypeError(`Expected ${name} but found empty text: is the variable that holds it set?`)
  }
  return all as readonly string[]
}
