// node server.mjs PORT STORE.sqlite: the service, for the user "ann" with the password "pass" and the key "key".
import process from 'node:process'
import { sqliteStore } from 'ringback/dispatcher'
import { startBackupService } from './backup-service.mjs'

const [port = '0', path = 'backups.sqlite'] = process.argv.slice(2)
const service = await startBackupService({
  store: sqliteStore({ path }),
  accounts: [{ apiKey: 'key', username: 'ann', password: 'pass' }],
  port: Number(port),
  tell: (event, data) => console.log(JSON.stringify({ event, ...data })),
})
console.log(JSON.stringify({ event: 'listening', pid: process.pid, url: service.url }))
process.on('SIGTERM', () => service.close())
