// Builds the playground into one HTML file, playground/dist/index.html, and serves it on this machine only:
//   node scripts/playground.mjs [--build] [--port 4400]
import { parseArgs } from 'node:util'
import { buildPlayground } from './playground/build.mjs'
import { servePlayground } from './playground/serve.mjs'

const values = optionsOrEnd()
const file = await buildPlayground()
if (values.build) console.log(file)
else {
  try {
    console.log(`The playground is at ${await servePlayground(file, Number(values.port ?? 4400))} (Ctrl+C ends it)`)
  } catch (error) {
    console.error(`error: ${/** @type {Error} */ (error).message}`)
    process.exitCode = 1
  }
}

function optionsOrEnd() {
  try {
    return parseArgs({ options: { build: { type: 'boolean' }, port: { type: 'string' } } }).values
  } catch (error) {
    console.error(`error: ${/** @type {Error} */ (error).message}`)
    process.exit(64)
  }
}
