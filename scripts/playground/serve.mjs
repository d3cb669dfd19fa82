import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'

/**
 * Serves the page to this machine; the answer is its URL. Port 0 takes any that is free.
 * @param {string} file
 * @param {number} port
 */
export async function servePlayground(file, port) {
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0]
    if (path !== '/' && path !== '/index.html') return response.writeHead(404).end()
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      // A page cannot say this of itself.
      'content-security-policy': "frame-ancestors 'none'",
    })
    response.end(readFileSync(file))
  })
  await new Promise((resolve, reject) => {
    server.once('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      reject(error.code === 'EADDRINUSE' ? new Error(`Port ${port} is taken: choose another with --port`) : error)
    })
    server.listen(port, '127.0.0.1', () => resolve(undefined))
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('Expected the server to have a port')
  return `http://127.0.0.1:${address.port}/`
}
