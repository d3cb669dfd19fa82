import { fragmentOf } from './link.ts'
import type { PlaygroundState } from './state.ts'

/** Longer links are cut by some of the programs that they are sent with. */
const handyLength = 8000

/** Puts the state into the address of the page and, where that is allowed, on the clipboard. Says what was done. */
export async function share(state: PlaygroundState): Promise<string> {
  const fragment = await fragmentOf(state)
  history.replaceState(null, '', fragment)
  const { length } = location.href
  const size =
    length > handyLength ? ` It has ${length.toLocaleString('en')} characters: some programs cut links of that length.` : ''
  try {
    await navigator.clipboard.writeText(location.href)
    return `The link is copied.${size}`
  } catch {
    return `The link is in the address bar.${size}`
  }
}
