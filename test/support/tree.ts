import type { ExpressionNode } from 'ringback/expression'

/** A node and everything below it. */
export function nodesOf(node: ExpressionNode): ExpressionNode[] {
  const children: ExpressionNode[] = []
  for (const value of Object.values(node) as unknown[]) {
    for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) if (isNode(child)) children.push(...nodesOf(child))
  }
  return [node, ...children]
}

function isNode(value: unknown): value is ExpressionNode {
  return typeof value === 'object' && value !== null && 'kind' in value && 'span' in value
}

/** The tree without its spans. */
export function withoutSpans(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSpans)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'span')
      .map(([key, member]) => [key, withoutSpans(member)]),
  )
}
