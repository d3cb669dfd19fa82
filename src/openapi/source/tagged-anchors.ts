// A key, which is text whatever its tag says, behind both a tag and an anchor, in either order.
const taggedAnchor =
  /^([ \t]*)(?:![^\s,[\]{}]*[ \t]+(&[^\s,[\]{}]+)|(&[^\s,[\]{}]+)[ \t]+![^\s,[\]{}]*)(?=[ \t]+(?:["'/]|(?!true\b|false\b|null\b)[a-z_])[^\n]*:(?:\s|$))/gim

/**
 * Leaves of each key that has a tag and an anchor the anchor alone. The parser refuses both at the first key of a mapping below another key.
 * The text keeps its length: where the tag was there are blanks, but the anchor begins where the two did.
 */
export function withoutTagsBesideAnchors(text: string): string {
  return text.replace(taggedAnchor, (whole, indent: string, behind: string | undefined, before: string | undefined) =>
    `${indent}${behind ?? before ?? ''}`.padEnd(whole.length),
  )
}
