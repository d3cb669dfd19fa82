import { part } from './element.ts'

/** Tells those who do not see the page what became of their change, once it is quiet. */
export function announcer(): (text: string) => void {
  const line = part('status-line', HTMLElement)
  let timer: ReturnType<typeof setTimeout> | undefined
  return (text) => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      line.textContent = text
    }, 500)
  }
}
