import { repair, safeParseExpression } from '../../expression/index.ts'
import { type Operation, type Response, similarNames } from '../../openapi/index.ts'
import { namedLikewise } from './likely.ts'
import { resolve } from './resolve.ts'

/** Words that others have for the body of a request, and for its parameters. */
const bodyWords = /^(?:payload|data|form|formdata|json|content|entity)$/i
const parameterWords = /^(?:param|params|parameter|parameters|args|querystring|querystrings)$/i

/**
 * What an expression that the parser cannot mend was probably meant to be, at most three: a misspelt keyword, a word from another
 * language, a body that is not named (`$request#/url`, `$.url`). Guesses that are not about spelling must lead somewhere.
 */
export function guesses(text: string, operation: Operation | undefined, response?: Response): readonly string[] {
  const spelled = respelled(text)
  if (spelled !== undefined) return [spelled]
  const { root, rest } = reworded(text)
  if (operation === undefined) return []
  const found = rest.flatMap((one) => parsed(one) ?? []).filter((one) => leadsSomewhere(one, operation, response))
  return [...new Set([...found, ...(root === undefined ? [] : namedLikewise(operation, root))])].slice(0, 3)
}

/** An expression as it stands, or mended. */
export function parsed(text: string): string | undefined {
  const meant = safeParseExpression(text).ok ? text : repair(text, { kind: 'expression' })?.text
  return meant !== undefined && safeParseExpression(meant).ok ? meant : undefined
}

/** Whether an expression reads something that an exchange is described to have. */
export function leadsSomewhere(text: string, operation: Operation, response: Response | undefined): boolean {
  const expression = safeParseExpression(text)
  return expression.ok && resolve(expression.value, { operation, response })?.kind === 'found'
}

/** `$requset.body#/url`, `$request.boddy#/url` */
function respelled(text: string): string | undefined {
  const [, root = '', source = '', rest = ''] = /^\$([A-Za-z]{4,20})(?:\.([A-Za-z]{3,20}))?([\s\S]*)$/.exec(text) ?? []
  const meantRoot = spelling(root, ['request', 'response', 'method', 'statusCode'])
  if (meantRoot === undefined) return undefined
  const known = ['header', 'query', 'path', 'body']
  const meantSource = parameterWords.test(source) || bodyWords.test(source) ? undefined : spelling(source, known)
  const changed = meantRoot !== root || (meantSource !== undefined && meantSource !== source)
  return changed ? parsed(`$${meantRoot}${source === '' ? '' : `.${meantSource ?? source}`}${rest}`) : undefined
}

function spelling(word: string, known: readonly string[]): string | undefined {
  const letters = (one: string): string => [...one.toLowerCase()].sort().join('')
  const near = known.filter((one) => letters(one) === letters(word))
  const [found] = near.length > 0 ? near : similarNames(known, word, 1)
  return found
}

/** Other words: what may be meant, and the name that is looked for. */
function reworded(text: string): { readonly root: string | undefined; readonly rest: readonly string[] } {
  const [, message, tail = ''] = /^\$(request|response)\b([\s\S]*)$/i.exec(text) ?? []
  if (message === undefined) {
    // JSONPath, and a body of nothing.
    const [, path] = /^\$(?:body)?((?:[.[]|#?\/)[\s\S]+)$/i.exec(text) ?? []
    return path === undefined ? { root: undefined, rest: [] } : { root: nameIn(path), rest: [`$request.body${path}`] }
  }
  if (/^#?\//.test(tail)) return { root: undefined, rest: [`$${message}.body${tail}`] }
  const [, word = '', path = ''] = /^\.([A-Za-z]+)([\s\S]*)$/.exec(tail) ?? []
  if (bodyWords.test(word)) return { root: nameIn(path), rest: [`$${message}.body${path}`] }
  if (parameterWords.test(word)) return { root: nameIn(path), rest: [`$${message}.query${path}`] }
  return { root: nameIn(tail), rest: [`$${message}.body${tail}`] }
}

function nameIn(path: string): string | undefined {
  return /^[.[#/'"]+([\w-]+)['"\]]*$/.exec(path)?.[1]
}
