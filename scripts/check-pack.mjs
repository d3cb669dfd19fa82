// Packs the package as it would be published, then looks at the tarball, installs it in an empty project and uses every door of it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkBrowser } from './pack/browser.mjs'
import { checkColdImport } from './pack/cold-start.mjs'
import { audit, checkNode, checkWithoutOptional, installIn } from './pack/project.mjs'
import { packInto } from './pack/tarball.mjs'
import { run } from './pack/tools.mjs'
import { checkTypes } from './pack/types.mjs'

const scratch = mkdtempSync(join(tmpdir(), 'ringback-pack-'))
try {
  const tarball = packInto(scratch)
  run('publint', ['run', tarball, '--strict'])
  run('attw', [tarball, '--profile', 'esm-only', '--no-definitely-typed', '--no-emoji', '--format', 'ascii'])
  const project = installIn(join(scratch, 'project'), tarball)
  checkNode(project)
  checkTypes(project)
  await checkBrowser(project)
  checkColdImport(project)
  audit(project)
  checkWithoutOptional(installIn(join(scratch, 'without-optional'), tarball, ['--omit=optional']))
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
