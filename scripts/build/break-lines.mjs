import { parseSync, Visitor } from 'oxc-parser'

/**
 * Breaks the lines of minified code where they get longer than `most`, only in front of statements, members and elements: there white space
 * means nothing. A printer would do it too, but the one of esbuild gives new names to what shadows another name, a tenth of the package.
 * @param {string} path
 * @param {string} text
 * @param {number} most
 */
export function breakLines(path, text, most) {
  const lines = []
  let start = 0
  let last = 0
  for (const place of [...placesOf(path, text), text.length]) {
    const newline = text.lastIndexOf('\n', place - 1)
    if (newline >= start) {
      lines.push(text.slice(start, newline))
      start = newline + 1
    }
    if (place - start > most && last > start) {
      lines.push(text.slice(start, last))
      start = last
    }
    last = place
  }
  return `${[...lines, text.slice(start)].join('\n').trimEnd()}\n`
}

/** In order. @param {string} path @param {string} text */
function placesOf(path, text) {
  const { program, errors } = parseSync(path, text)
  const [problem] = errors
  if (problem !== undefined) throw new Error(`${path} cannot be parsed: ${problem.message}`)
  /** @type {Set<number>} */
  const places = new Set()
  /** @param {readonly ({ start: number } | null)[]} nodes */
  const add = (nodes) => {
    for (const node of nodes) if (node !== null) places.add(node.start)
  }
  new Visitor({
    Program: ({ body }) => add(body),
    BlockStatement: ({ body }) => add(body),
    StaticBlock: ({ body }) => add(body),
    SwitchStatement: ({ cases }) => add(cases),
    SwitchCase: ({ consequent }) => add(consequent),
    ClassBody: ({ body }) => add(body),
    ObjectExpression: ({ properties }) => add(properties),
    ArrayExpression: ({ elements }) => add(elements),
    CallExpression: ({ arguments: given }) => add(given),
    NewExpression: ({ arguments: given }) => add(given),
  }).visit(program)
  return [...places].sort((a, b) => a - b)
}
