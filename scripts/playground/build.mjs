import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = join(root, 'playground')

/** Makes one HTML file with everything in it: it needs no server, and may load nothing. The answer is its path. */
export async function buildPlayground() {
  const page = readFileSync(join(folder, 'index.html'), 'utf8')
  const [script, worker, style] = await Promise.all([
    bundle('src/main.ts', 'esm'),
    bundle('src/worker.ts', 'iife'),
    bundle('style.css'),
  ])
  for (const code of [script, worker]) {
    // Where one of these stands, the rest of the file is no longer what it seems.
    if (/<\/script|<!--/i.test(code))
      throw new Error('Expected code that can stand in a script element, found "</script" or "<!--"')
    // Refused by the page's policy in any case: what needs it would fail in front of a user.
    if (/\bnew Function\b|[^.\w]eval\(/.test(code))
      throw new Error('Expected code that makes no code, found "eval" or "new Function"')
  }
  const html = [
    [`content="default-src 'none'"`, `content="${policyFor(script, style)}"`],
    ['<link rel="stylesheet" href="style.css">', `<style>${style}</style>`],
    [
      '<script type="text/plain" id="worker" src="src/worker.ts"></script>',
      `<script type="text/plain" id="worker">${worker}</script>`,
    ],
    ['<script type="module" src="src/main.ts"></script>', `<script type="module">${script}</script>`],
  ].reduce((text, [tag = '', made = '']) => {
    if (!text.includes(tag)) throw new Error(`Expected ${tag} in playground/index.html`)
    return text.replace(tag, () => made)
  }, page)
  const file = join(folder, 'dist/index.html')
  mkdirSync(join(folder, 'dist'), { recursive: true })
  // Whoever reads it meanwhile has the old one or the new one, whole.
  writeFileSync(`${file}.${process.pid}`, html)
  renameSync(`${file}.${process.pid}`, file)
  return file
}

/**
 * @param {string} entry
 * @param {'esm' | 'iife'} [format]
 */
async function bundle(entry, format) {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: [join(folder, entry)],
    tsconfig: join(folder, 'tsconfig.json'),
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    platform: 'browser',
    target: ['es2022'],
    legalComments: 'none',
    logLevel: 'warning',
    // Of a module that is left out in the end.
    logOverride: { 'empty-import-meta': 'silent' },
    ...(format === undefined ? {} : { format, plugins: [withoutNode] }),
  })
  const outside = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path))
  if (outside.length > 0) throw new Error(`Expected ${entry} to run in a browser, found that it imports ${outside.join(', ')}`)
  return outputFiles[0]?.text.trim() ?? ''
}

/** The one built-in module that planning needs has a stand-in; any other is a mistake that should not wait for a browser to be found. */
/** @type {import('esbuild').Plugin} */
const withoutNode = {
  name: 'without-node',
  setup({ onResolve }) {
    onResolve({ filter: /^[a-z]/ }, ({ path }) => {
      if (path === 'node:crypto') return { path: join(folder, 'src/node-crypto.ts') }
      // Modules that nothing is taken from are left out together with what they import.
      return isBuiltin(path) ? { path, external: true, sideEffects: false } : undefined
    })
  },
}

/**
 * @param {string} script
 * @param {string} style
 */
function policyFor(script, style) {
  return [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    // The text of the worker stands in the page.
    'worker-src blob:',
    `style-src ${hashOf(style)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    // No text becomes markup or code, but for the address of the worker.
    "require-trusted-types-for 'script'",
    'trusted-types worker',
  ].join('; ')
}

/** @param {string} text */
function hashOf(text) {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}
