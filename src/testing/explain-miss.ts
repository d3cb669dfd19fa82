import type { Call, CallbackEndpoint } from '../receiver/index.ts'

const mostShown = 10

/** What came instead of what was expected: calls, and refused requests with the reason. Tells no header and no body. */
export async function explainMiss(endpoint: CallbackEndpoint, expected: string, more: readonly string[] = []): Promise<string> {
  const [status, calls, rejections] = [await endpoint.status(), await endpoint.calls(), await endpoint.rejections()]
  const lines = [`Expected ${expected} at callback ${endpoint.id} (${status.state}), which takes ${status.methods.join(', ')}.`]
  lines.push(
    calls.length === 0
      ? 'No call was accepted.'
      : `${calls.length === 1 ? 'One call was' : `${calls.length} calls were`} accepted:`,
  )
  lines.push(...calls.slice(-mostShown).map((call) => `  ${lineOf(call)}`))
  if (rejections.length > 0)
    lines.push(`${rejections.length === 1 ? 'One request was' : `${rejections.length} requests were`} refused:`)
  for (const { method, status: answer, code, detail } of rejections.slice(-mostShown)) {
    lines.push(`  ${method} was answered ${answer} (${code}): ${detail}`)
  }
  if (calls.length + rejections.length === 0) {
    lines.push('Nothing has come to its URL at all: was the URL handed out, and the callback sent?')
  }
  return [...lines, ...more].join('\n')
}

export function lineOf({ method, subPath, receivedAt, operation, validation }: Call): string {
  const name = operation === undefined ? '' : ` for ${operation.name}`
  const broken = problemsOf({ validation }).join('; ')
  const verdict = broken === '' ? '' : `, which breaks the description: ${broken}`
  return `${receivedAt.toISOString().slice(11, 23)} ${method} ${subPath === '' ? '/' : subPath}${name}${verdict}`
}

/** `a callback`, where none is named. */
export function wordsForCallback(name: string | undefined): string {
  return name === undefined ? 'a callback' : `the callback ${name}`
}

/** Where a call breaks its description, a sentence each. */
export function problemsOf({ validation }: { readonly validation?: Call['validation'] }): readonly string[] {
  return (validation?.errors ?? []).map(
    (error) => `${error.in}${error.pointer === '' ? '' : ` ${error.pointer}`} ${error.message}`,
  )
}
