// The whole language in one regular expression, as it is found in many code bases; the pointer is split afterwards.

const expression =
  /^\$(?:(?<root>url|method|statusCode)|(?<message>request|response)\.(?:header\.(?<header>[!#$%&'*+\-.^_`|~0-9A-Za-z]+)|(?<location>query|path)\.(?<name>(?:[\u0020-\u0021\u0023-\u005b\u005d-\uffff]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*)|body(?:#(?<pointer>(?:\/(?:[^/~]|~[01])*)*))?))$/i

export interface RegularParsed {
  readonly root: string
  readonly in?: string | undefined
  readonly name?: string | undefined
  readonly pointer?: readonly string[] | undefined
}

export function parseByRegularExpression(text: string): RegularParsed | undefined {
  const groups = expression.exec(text)?.groups
  if (groups === undefined) return undefined
  const { root, message, header, location, name, pointer } = groups
  if (root !== undefined) return { root }
  if (header !== undefined) return { root: message ?? '', in: 'header', name: header.toLowerCase() }
  if (name !== undefined)
    return { root: message ?? '', in: location, name: name.includes('\\') ? (JSON.parse(`"${name}"`) as string) : name }
  const tokens = pointer?.split('/').slice(1)
  return { root: message ?? '', in: 'body', pointer: tokens?.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~')) }
}
