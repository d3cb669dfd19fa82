// node client.mjs SERVICE API_KEY USERNAME PASSWORD: prints what came of the backup as a line of JSON. Deno runs it too.
import process from 'node:process'
import { backUp } from './back-up.mjs'

const [service = '', apiKey = '', username = '', password = ''] = process.argv.slice(2)
console.log(JSON.stringify(await backUp({ service, apiKey, username, password })))
