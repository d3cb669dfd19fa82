import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { moduleNames, refuse, run } from './tools.mjs'

/**
 * An empty project with the package installed in it, without running a script: there must be none.
 * @param {string} folder
 * @param {string} tarball
 * @param {readonly string[]} [flags]
 */
export function installIn(folder, tarball, flags = []) {
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'project', private: true, type: 'module' }))
  const usual = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  run('npm', ['install', ...usual, ...flags, tarball], { cwd: folder })
  const { packages } = JSON.parse(readFileSync(join(folder, 'node_modules/.package-lock.json'), 'utf8'))
  refuse(
    'brings packages that run scripts when they are installed',
    Object.keys(packages).filter((path) => packages[path].hasInstallScript),
  )
  console.log(`${['npm install', ...flags].join(' ')}: ${Object.keys(packages).length} packages, no install script`)
  return folder
}

/** @param {string} project */
export function checkNode(project) {
  const names = JSON.stringify(moduleNames)
  writeFileSync(
    join(project, 'doors.mjs'),
    `import { createRequire } from 'node:module'
    const require = createRequire(import.meta.url)
    for (const name of ${names}) {
      const imported = Object.keys(await import(name))
      // Node adds this name where there is a default export.
      const required = Object.keys(require(name)).filter((key) => key !== '__esModule')
      if (imported.length === 0) throw new Error(name + ' exports nothing')
      if (imported.join() !== required.join()) throw new Error(name + ': import and require give different names')
      console.log(name + ': ' + imported.length + ' exports')
    }`,
  )
  writeFileSync(join(project, 'doors.cjs'), `for (const name of ${names}) require(name)`)
  const { status, stderr } = spawnSync(process.execPath, ['doors.cjs'], { cwd: project, encoding: 'utf8' })
  refuse('cannot be required in silence', status === 0 && stderr === '' ? [] : [stderr])
  run(process.execPath, ['doors.mjs'], { cwd: project })
  run('npx', ['--no-install', 'ringback', '--help'], { cwd: project, quiet: true })
  run('npx', ['--no-install', 'ringback', 'lint', '--explain', 'no-dollar'], { cwd: project, quiet: true })
}

/**
 * Without optional dependencies there is no SQLite on Node 20, and everything else.
 * @param {string} project
 */
export function checkWithoutOptional(project) {
  if (existsSync(join(project, 'node_modules/libsql'))) throw new Error('npm installed libsql, which is optional')
  writeFileSync(
    join(project, 'use.mjs'),
    `import { createDispatcher, memoryStore, sqliteStore } from 'ringback/dispatcher'
    const dispatcher = createDispatcher({ store: memoryStore() })
    const { id } = await dispatcher.enqueue({ id: 'cb_1', method: 'POST', url: 'https://client.example/', headers: {} })
    await dispatcher.stop()
    let told
    try { await createDispatcher({ store: sqliteStore({ path: 'deliveries.sqlite' }) }).stats() } catch ({ code, message }) { told = code + ': ' + message }
    const builtIn = process.getBuiltinModule?.('node:sqlite') !== undefined
    if (typeof id !== 'string' || builtIn === (told !== undefined)) throw new Error('stored as ' + id + ', SQLite: ' + told)
    console.log('without optional dependencies: ' + (told ?? 'SQLite is that of Node'))`,
  )
  run(process.execPath, ['--disable-warning=ExperimentalWarning', 'use.mjs'], { cwd: project })
}

/**
 * What the registry knows of holes in what is installed. Some registries do not answer that.
 * @param {string} project
 */
export function audit(project) {
  const { status, stdout, stderr } = spawnSync('npm', ['audit', '--json'], { cwd: project, encoding: 'utf8' })
  const { metadata, message } = JSON.parse(stdout)
  if (metadata === undefined) console.log(`SKIPPED npm audit: ${message ?? stderr}`.replaceAll(/\bhttps?:\S+/g, 'the registry'))
  else refuse('brings packages with known holes', status === 0 ? [] : [stdout])
}
