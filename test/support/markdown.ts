export interface CodeBlock {
  /** The first word after the fence: `ts`. Empty: output, which nobody checks. */
  readonly language: string
  /** The other words after the fence. */
  readonly marks: readonly string[]
  readonly text: string
  /** Of the first line of `text`, from 1. */
  readonly line: number
}

/** Every fenced code block of a Markdown text. Throws on a fence that is never closed. */
export function codeBlocks(markdown: string): CodeBlock[] {
  const lines = markdown.split('\n')
  const blocks: CodeBlock[] = []
  for (let i = 0; i < lines.length; i++) {
    const [, indent = '', fence = '', info = ''] = /^(\s*)(`{3,}|~{3,})\s*(.*)$/.exec(lines[i] ?? '') ?? []
    if (fence === '') continue
    const end = lines.findIndex((line, at) => at > i && line.trim().startsWith(fence) && line.trim().length === fence.length)
    if (end === -1) throw new Error(`The code block that begins in line ${i + 1} is never closed`)
    const [language = '', ...marks] = info.trim().split(/\s+/)
    const text = lines.slice(i + 1, end).map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
    blocks.push({ language, marks, text: text.join('\n'), line: i + 2 })
    i = end
  }
  return blocks
}

export interface Link {
  /** As written, without a title. */
  readonly target: string
  readonly line: number
}

/** Every inline link and image, but for those in code. */
export function links(markdown: string): Link[] {
  return withoutCode(markdown)
    .split('\n')
    .flatMap((text, i) =>
      Array.from(text.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g), ([, target = '']) => ({ target, line: i + 1 })),
    )
}

/** What a link to a heading of this text can end with, as GitHub makes it. */
export function anchors(markdown: string): Set<string> {
  const found = new Set<string>()
  for (const text of headings(markdown)) {
    const slug = text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-')
    let anchor = slug
    for (let n = 1; found.has(anchor); n++) anchor = `${slug}-${n}`
    found.add(anchor)
  }
  return found
}

/** The texts of all headings, of the form `# …`, optionally of one depth only. */
export function headings(markdown: string, depth?: number): string[] {
  return Array.from(withoutCode(markdown, false).matchAll(/^(#{1,6})\s+(.*?)\s*#*$/gm))
    .filter(([, marks = '']) => depth === undefined || marks.length === depth)
    .map(([, , text = '']) => text.replaceAll('`', ''))
}

/** The same number of lines, with code blocks (and, unless told otherwise, code in a line) blanked. */
function withoutCode(markdown: string, inLine = true): string {
  const lines = markdown.split('\n')
  for (const { text, line } of codeBlocks(markdown)) for (let i = 0; i < text.split('\n').length; i++) lines[line - 1 + i] = ''
  const rest = lines.join('\n')
  return inLine ? rest.replaceAll(/`[^`\n]*`/g, '') : rest
}
