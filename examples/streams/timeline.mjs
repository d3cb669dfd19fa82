import pc from 'picocolors'
import { redactUrl } from 'ringback/receiver'

/** @typedef {import('./process.mjs').Line} Line */

/**
 * Prints what happens, as lines of JSON or as a timeline that a person understands.
 * @param {{ json: boolean }} options
 * @returns {(from: string, line: Line) => void}
 */
export function timeline({ json }) {
  const begin = Date.now()
  return (from, line) => {
    const seconds = (Date.now() - begin) / 1000
    if (json) console.log(JSON.stringify({ seconds, from, ...line }))
    else for (const text of textOf(line)) console.log(text === '' ? '' : `${stamp(from, line, seconds)}${text}`)
  }
}

/** @param {string} from @param {Line} line @param {number} seconds */
function stamp(from, { event }, seconds) {
  if (event === 'title' || event === 'check') return ''
  return `${pc.dim(seconds.toFixed(2).padStart(6))}  ${pc.cyan(from.padEnd(9))} `
}

/** @param {Line} line @returns {string[]} */
function textOf(line) {
  switch (line.event) {
    case 'title':
      return ['', pc.bold(line.text)]
    case 'listening':
      return [
        line.url === undefined
          ? `listens on port ${line.port} (pid ${line.pid}), ${line.pending} deliveries are waiting in its store`
          : `listens at ${hidden(line.url)}`,
      ]
    case 'matched':
      return [`${line.request} matched the operation ${pc.bold(line.operation)}`]
    case 'resolved':
      return resolvedText(line)
    case 'enqueued':
      return [`    stored as ${line.id}: ${line.method}, ${line.mediaType}, ${line.bytes} bytes`]
    case 'answered':
      return [`answered ${line.status}: stream ${line.stream}; its callbacks are stored`]
    case 'attempt':
      return [
        `${line.callback}: POST ${hidden(line.url)}  attempt ${line.n} → ${line.result < 300 ? pc.green(line.result) : pc.red(line.result)}` +
          (line.retryInMs === undefined ? '' : `, again in ${line.retryInMs} ms`),
      ]
    case 'delivered':
      return [`${line.callback} ${pc.green('delivered')} as ${line.id}`]
    case 'dead':
      return [`${line.id} ${pc.red(`given up: ${line.reason}`)}`]
    case 'call':
      return [
        `got ${line.path}${line.query === '' ? '' : `?${line.query}`}  ${JSON.stringify(line.body)}  ${line.signed ? 'signed' : 'not signed'}`,
      ]
    case 'rejected':
      return [`turned a call away: ${line.detail}`]
    case 'killed':
      return [pc.red(`kill -9 ${line.pid}: accepted, and ${line.callsSoFar} of 3 delivered`)]
    case 'check':
      return [`${line.ok ? pc.green('✓') : pc.red('✗')} ${line.text}`]
    default:
      return []
  }
}

/** @param {Line} line */
function resolvedText({ callback, key, target, parts }) {
  const lines = [`${pc.bold(callback)}  ${key}`]
  for (const { text, words, result } of parts) {
    lines.push(
      `    ${text} = ${result.ok ? pc.green(JSON.stringify(hidden(String(result.value)))) : pc.red(result.error)}  ${pc.dim(words)}`,
    )
  }
  lines.push(`    → ${target.ok ? hidden(target.value.url) : target.error.message}`)
  return lines
}

/**
 * The URL of a callback endpoint holds a secret; what is printed does not.
 * @param {string} url
 */
function hidden(url) {
  return redactUrl(url).replace(/([\w-]{4})[\w-]{18}\.REDACTED/, '$1…')
}
