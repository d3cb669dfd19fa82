/**
 * Puts other children into an element. Whoever was in the old ones with the keyboard is in the new ones afterwards: at what stands in
 * the same place, or else at the element itself.
 */
export function replaceContent(container: HTMLElement, ...children: readonly Node[]): void {
  const { activeElement } = document
  const at = activeElement instanceof HTMLElement ? stops(container).indexOf(activeElement) : -1
  container.replaceChildren(...children)
  if (at === -1) return
  const now = stops(container)
  const next = now[Math.min(at, now.length - 1)]
  if (next !== undefined) next.focus()
  else {
    container.tabIndex = -1
    container.focus()
  }
}

function stops(container: HTMLElement): readonly HTMLElement[] {
  return [...container.querySelectorAll<HTMLElement>('button, a[href]')]
}
