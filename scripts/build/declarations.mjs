import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { parseSync } from 'oxc-parser'
import { dist, root } from './paths.mjs'

/**
 * One file of declarations, cut at its statements.
 * @typedef {{ path: string, imports: { name: string, from: string, typeOnly: boolean }[], moved: { names: string[], from: string }[], declared: { name: string, text: string, exported: boolean }[], plain: boolean }} Declarations
 */

/** Removes the declarations that no public door leads to, and joins those behind the doors of a floor in one file of the floor. */
export function joinDeclarations() {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const doors = (JSON.stringify(exports).match(/\.\/dist\/[^"]+\.d\.ts/g) ?? []).map((path) => join(root, path))
  const seen = new Set(doors)
  for (const file of seen) for (const target of neighboursOf(file)) seen.add(target)
  for (const entry of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    const path = join(dist, entry)
    if (path.endsWith('.d.ts') && !seen.has(path)) rmSync(path)
  }
  const kept = [...seen].map(original)
  for (const floor of new Set(kept.map(({ path }) => floorOf(path)))) {
    const inside = kept.filter(({ path }) => floor !== '' && floorOf(path) === floor && !isDoor(path, doors, floor))
    joinFloor(floor, chosen(inside), kept)
  }
  prune(doors)
}

/** @param {string} path @param {readonly string[]} doors @param {string} floor */
function isDoor(path, doors, floor) {
  return doors.includes(path) || path === join(dist, floor, 'index.d.ts')
}

/** @param {string} file */
function neighboursOf(file) {
  const found = [...readFileSync(file, 'utf8').matchAll(/['"](\.[^'"]+)\.ts['"]/g)]
  return found.map(([, path = '']) => join(dirname(file), `${path}.d.ts`)).filter((path) => existsSync(path))
}

/** @param {string} path */
function floorOf(path) {
  const parts = relative(dist, path).split(sep)
  return parts.length > 1 ? (parts[0] ?? '') : ''
}

/** @type {Map<string, Declarations>} as tsc wrote them */
const known = new Map()

/** @param {string} path @returns {Declarations} */
function original(path) {
  const file = known.get(path) ?? read(path)
  known.set(path, file)
  return file
}

/** @param {string} path @returns {Declarations} */
function read(path) {
  const text = readFileSync(path, 'utf8')
  /** @type {Declarations} */
  const file = { path, imports: [], moved: [], declared: [], plain: !/\bimport\(|declare (global|module)/.test(text) }
  let end = 0
  for (const node of parseSync(path, text, { lang: 'dts' }).program.body) {
    const own = text.slice(end, node.end).trim()
    end = node.end
    if (node.type === 'ImportDeclaration') {
      for (const one of node.specifiers) {
        if (one.type !== 'ImportSpecifier' || one.imported.type !== 'Identifier' || one.imported.name !== one.local.name)
          file.plain = false
        else
          file.imports.push({
            name: one.local.name,
            from: node.source.value,
            typeOnly: node.importKind === 'type' || one.importKind === 'type',
          })
      }
      if (node.specifiers.length === 0) file.plain = false
    } else if (node.type === 'ExportNamedDeclaration' && node.source) {
      const names = node.specifiers.map(({ local, exported }) => {
        if (local.type !== 'Identifier' || exported.type !== 'Identifier' || local.name !== exported.name) file.plain = false
        return local.type === 'Identifier' ? local.name : ''
      })
      file.moved.push({ names, from: node.source.value })
    } else {
      const declaration = node.type === 'ExportNamedDeclaration' ? node.declaration : node
      const names = namesOf(declaration)
      if (names.length === 0) {
        // `export {}` says only that the file is a module.
        if (node.type !== 'ExportNamedDeclaration' || node.specifiers.length > 0) file.plain = false
      } else file.declared.push({ name: names.join(), text: own, exported: node.type === 'ExportNamedDeclaration' })
      if (names.length > 1) file.plain = false
    }
  }
  return file
}

/** @param {any} node @returns {string[]} */
function namesOf(node) {
  if (node?.type === 'VariableDeclaration') return node.declarations.map((/** @type {any} */ { id }) => id.name)
  return node?.id?.name === undefined ? [] : [node.id.name]
}

/**
 * Those of a floor that can stand in one file: where two mean different things by one name, the later one stays by itself.
 * @param {readonly Declarations[]} files
 */
function chosen(files) {
  /** @type {Map<string, string>} what a name means: the file that declares it */
  const meanings = new Map()
  return files.filter(({ path, plain, imports, declared }) => {
    if (!plain) return false
    /** @type {[name: string, meaning: string][]} */
    const own = declared.map(({ name }) => [name, path])
    for (const { name, from } of imports) own.push([name, meaningOf(path, name, from)])
    if (own.some(([name, meaning]) => (meanings.get(name) ?? meaning) !== meaning)) return false
    for (const [name, meaning] of own) meanings.set(name, meaning)
    return true
  })
}

/** The file that a name comes from in the end. @param {string} path @param {string} name @param {string} from @returns {string} */
function meaningOf(path, name, from) {
  if (!from.startsWith('.')) return from
  const target = targetOf(path, from)
  // Another floor is entered through its door, wherever that has the name from.
  if (floorOf(target) !== floorOf(path)) return target
  const { moved } = original(target)
  const next = moved.find(({ names }) => names.includes(name))
  return next === undefined ? target : meaningOf(target, name, next.from)
}

/** @param {string} path @param {string} from */
function targetOf(path, from) {
  return join(dirname(path), from.replace(/\.ts$/, '.d.ts'))
}

/**
 * @param {string} floor
 * @param {readonly Declarations[]} files
 * @param {readonly Declarations[]} all
 */
function joinFloor(floor, files, all) {
  const joined = join(dist, floor, 'declarations.d.ts')
  const gone = new Set(files.map(({ path }) => path))
  if (gone.size < 2) return
  /** @type {Map<string, Set<string>>} */
  const imported = new Map()
  /** @type {Set<string>} */
  const again = new Set()
  const texts = []
  for (const { path, imports, moved, declared } of files) {
    for (const { name, from } of imports) {
      const source = sourceOf(path, name, from, gone, joined)
      if (source === undefined) continue
      imported.set(source, (imported.get(source) ?? new Set()).add(name))
    }
    for (const { names, from } of moved)
      for (const name of names) {
        const source = sourceOf(path, name, from, gone, joined)
        if (source !== undefined) again.add(`export { ${name} } from '${source}';`)
      }
    texts.push(...declared.map(({ text }) => text))
  }
  const heads = [...imported].map(([from, names]) => `import type { ${[...names].join(', ')} } from '${from}';`)
  const others = all.filter(({ path }) => !gone.has(path) && existsSync(path))
  for (const { path } of others) {
    const text = readFileSync(path, 'utf8')
    const next = text
      .replace(/^export (type )?\* from ['"](\.[^'"]+)['"];?$/gm, (whole, type = '', from) => {
        const target = targetOf(path, from)
        const source = files.find((one) => one.path === target)
        if (source === undefined) return whole
        const names = [
          ...source.declared.filter(({ exported }) => exported).map(({ name }) => name),
          ...source.moved.flatMap(({ names }) => names),
        ]
        return `export ${type}{ ${names.join(', ')} } from '${from}';`
      })
      .replace(/(['"])(\.[^'"]+\.ts)\1/g, (whole, _quote, from) =>
        gone.has(targetOf(path, from)) ? `'${specifier(path, joined)}'` : whole,
      )
    if (next !== text) writeFileSync(path, next)
  }
  for (const path of gone) rmSync(path)
  writeFileSync(joined, `${[...heads, ...again, ...texts, 'export {};'].join('\n')}\n`)
}

/**
 * Where the joined file has a name from; `undefined`: it declares it.
 * @param {string} path @param {string} name @param {string} from @param {ReadonlySet<string>} gone @param {string} joined
 */
function sourceOf(path, name, from, gone, joined) {
  if (!from.startsWith('.')) return from
  const meaning = meaningOf(path, name, from)
  if (gone.has(meaning)) return undefined
  const target = targetOf(path, from)
  return specifier(joined, gone.has(target) ? meaning : target)
}

/** @param {string} from @param {string} to */
function specifier(from, to) {
  const path = relative(dirname(from), to)
    .replaceAll(sep, '/')
    .replace(/\.d\.ts$/, '.ts')
  return path.startsWith('.') ? path : `./${path}`
}

/**
 * Takes out of whatever is no public door what nobody asks for: the doors of floors for ourselves, and the joined files behind all of them.
 * What a name that goes had asked for may go next.
 * @param {readonly string[]} doors
 */
function prune(doors) {
  for (let left = Number.POSITIVE_INFINITY; ; ) {
    const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((entry) => entry.endsWith('.d.ts'))
    const all = files.map((entry) => read(join(dist, entry)))
    for (const file of all)
      if (file.plain && !doors.includes(file.path)) writeFileSync(file.path, narrowed(file, wantedOf(file.path, all)))
    const size = files.reduce((sum, entry) => sum + statSync(join(dist, entry)).size, 0)
    if (size === left) return
    left = size
  }
}

/** What others have from a file. @param {string} path @param {readonly Declarations[]} all */
function wantedOf(path, all) {
  /** @type {Set<string>} */
  const wanted = new Set()
  for (const other of all) {
    for (const { name, from } of other.imports) if (targetOf(other.path, from) === path) wanted.add(name)
    for (const { names, from } of other.moved) if (targetOf(other.path, from) === path) for (const name of names) wanted.add(name)
  }
  return wanted
}

/** @param {Declarations} file @param {Set<string>} wanted */
function narrowed({ imports, moved, declared }, wanted) {
  /** @type {Map<string, string>} overloads have one name */
  const texts = new Map()
  for (const { name, text } of declared) texts.set(name, `${texts.get(name) ?? ''}${text}\n`)
  for (const name of wanted) for (const word of wordsOf(texts.get(name))) if (texts.has(word)) wanted.add(word)
  const body = declared.filter(({ name }) => wanted.has(name)).map(({ text }) => text)
  const words = new Set(wordsOf(body.join('\n')))
  /** @type {Map<string, string[]>} */
  const heads = new Map()
  for (const { name, from } of imports) if (words.has(name)) heads.set(from, [...(heads.get(from) ?? []), name])
  const lines = [...heads].map(([from, names]) => `import type { ${names.join(', ')} } from '${from}';`)
  /** @type {Map<string, string[]>} */
  const again = new Map()
  for (const { names, from } of moved) again.set(from, [...(again.get(from) ?? []), ...names.filter((name) => wanted.has(name))])
  for (const [from, names] of again) if (names.length > 0) lines.push(`export { ${names.join(', ')} } from '${from}';`)
  return `${[...lines, ...body, 'export {};'].join('\n')}\n`
}

/** But for those of comments. @param {string} [text] @returns {readonly string[]} */
function wordsOf(text = '') {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').match(/[A-Za-z_$][\w$]*/g) ?? []
}
