import { CHOMPING_MODE, EVENT_ID, getScalarValue, SCALAR_STYLE, type ScalarEvent } from 'js-yaml'
import type { NodeRow, ScalarStyle } from './node-table.ts'

const yamlStyles: Readonly<Record<ScalarStyle, ScalarEvent['style']>> = {
  plain: SCALAR_STYLE.PLAIN,
  single: SCALAR_STYLE.SINGLE_QUOTED,
  double: SCALAR_STYLE.DOUBLE_QUOTED,
  json: SCALAR_STYLE.DOUBLE_QUOTED,
  literal: SCALAR_STYLE.LITERAL_BLOCK,
  folded: SCALAR_STYLE.FOLDED_BLOCK,
}

const chompings: readonly ScalarEvent['chomping'][] = [
  CHOMPING_MODE.CLIP,
  CHOMPING_MODE.CLIP,
  CHOMPING_MODE.STRIP,
  CHOMPING_MODE.KEEP,
]

/** The decoded text of a scalar, read again from its place. */
export function scalarText(text: string, row: NodeRow): string {
  const quotes = row.style === 'single' || row.style === 'double' || row.style === 'json' ? 1 : 0
  return getScalarValue(text, {
    type: EVENT_ID.SCALAR,
    valueStart: row.start + quotes,
    valueEnd: row.end - quotes,
    anchorStart: -1,
    anchorEnd: -1,
    tagStart: -1,
    tagEnd: -1,
    style: yamlStyles[row.style],
    chomping: chompings[row.chomping] ?? CHOMPING_MODE.CLIP,
    indent: row.indent,
    fast: false,
  })
}
