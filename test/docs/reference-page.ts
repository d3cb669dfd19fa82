import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'oxc-parser'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A part of the page: words of ours, then a table of the members of each interface, made of its types and its comments. */
export interface Section {
  readonly title: string
  readonly text?: string
  readonly tables: readonly (readonly [heading: string, file: string, name: string])[]
}

/** The sections as one Markdown page. Throws when an interface is not there. */
export function referencePage(opening: string, sections: readonly Section[]): string {
  const parts = sections.map(({ title, text, tables }) =>
    [`## ${title}`, ...(text === undefined ? [] : [text.trim()]), ...tables.map(tableOf)].join('\n\n'),
  )
  return `${[opening.trim(), ...parts].join('\n\n')}\n`
}

function tableOf([heading, file, name]: Section['tables'][number]): string {
  const source = readFileSync(join(root, 'src', file), 'utf8')
  const { program, comments } = parseSync(file, source)
  const found = program.body
    .map((node) => (node.type === 'ExportNamedDeclaration' ? node.declaration : node))
    .find((node) => node?.type === 'TSInterfaceDeclaration' && node.id.name === name)
  if (found?.type !== 'TSInterfaceDeclaration') throw new Error(`src/${file} has no interface ${name}`)
  const textOf = ({ start, end }: { start: number; end: number }): string => source.slice(start, end)
  const commentOn = ({ start }: { start: number }): string => {
    const comment = comments.findLast(({ end }) => end <= start && source.slice(end, start).trim() === '')
    return comment === undefined ? '' : wordsOf(comment.value)
  }
  // Where nothing can be left out, nothing has to be said of it.
  const hasChoice = found.body.body.some((member) => member.type === 'TSPropertySignature' && member.optional)
  const rows = found.body.body.flatMap((member) => {
    if (member.type === 'TSPropertySignature') {
      const type = member.typeAnnotation == null ? '' : textOf(member.typeAnnotation.typeAnnotation)
      return [[`${textOf(member.key)}${member.optional || !hasChoice ? '' : ' (required)'}`, code(type), commentOn(member)]]
    }
    if (member.type === 'TSMethodSignature') {
      const parameters = member.params.map((parameter) => textOf(parameter)).join(', ')
      const answer = member.returnType == null ? '' : textOf(member.returnType.typeAnnotation)
      return [[`${textOf(member.key)}(${parameters})`, code(answer), commentOn(member)]]
    }
    return []
  })
  const more = found.extends.map((parent) => `Also everything of ${code(textOf(parent))}.`)
  const hasOptions = found.body.body.some(({ type }) => type === 'TSPropertySignature')
  const lines = rows.map(([member = '', type = '', words = '']) => `| ${nameIn(member)} | ${type} | ${words} |`)
  const table = [`| | ${hasOptions ? 'type' : 'answers'} | |`, '|---|---|---|', ...lines].join('\n')
  return [`### ${heading}`, ...more, table].join('\n\n')
}

const squashed = (text: string): string =>
  text
    .replaceAll(/\/\*\*[\s\S]*?\*\//g, '')
    .replaceAll(/(?<=[\w\])}>])\s*\n\s*(?=readonly )/g, '; ')
    .replaceAll(/\s+/g, ' ')
    .trim()
const escaped = (text: string): string => text.replaceAll('|', '\\|')
const code = (text: string): string => (text === '' ? '' : `\`${escaped(squashed(text).replaceAll('readonly ', ''))}\``)

function nameIn(member: string): string {
  const [, name = member, required = ''] = /^(.*?)( \(required\))?$/s.exec(member) ?? []
  return `${code(name)}${required}`
}

/** What a comment says, without its stars. */
function wordsOf(comment: string): string {
  const lines = comment.split('\n').map((line) => line.replace(/^\s*\*+\s?/, '').trim())
  return escaped(lines.join(' ').replaceAll(/\s+/g, ' ').trim())
}
