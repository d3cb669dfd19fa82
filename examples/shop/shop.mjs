// What the example servers have in common, and what is not about a framework: orders in a folder, a dispatcher, how to start and end.
import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { createDispatcher, publicInternet, sqliteStore, standardWebhooks } from 'ringback/dispatcher'

/**
 * @typedef {{ readonly id: string, readonly item: string, readonly state: 'accepted' | 'shipped' }} Order
 * @typedef {import('ringback/node').CallbackTarget} CallbackTarget
 */

export const description = new URL('openapi.yaml', import.meta.url)

/** @param {string[]} args Of the command line: the port, and the folder for orders and deliveries. */
export function openShop([port = '3000', folder = 'data']) {
  mkdirSync(folder, { recursive: true })
  const store = sqliteStore({ path: join(folder, 'callbacks.sqlite') })
  const dispatcher = createDispatcher({
    store,
    // For trying it out on one machine. Without it callbacks go to the public Internet only.
    policy: publicInternet({ devLoopback: true }),
    signer: standardWebhooks({ keys: ['whsec_c2hvcC1leGFtcGxlLXNlY3JldC1vZi0zMi1ieXRlcyE='] }),
  })
  /** @param {string} id */
  const fileOf = (id) => join(folder, `${id}.json`)

  return {
    dispatcher,
    port: Number(port),

    /**
     * @param {string} item
     * @param {CallbackTarget | undefined} target Where to call when it is shipped: plain data, kept with the order.
     * @returns {Promise<Order>}
     */
    async order(item, target) {
      const order = /** @type {const} */ ({ id: randomUUID(), item, state: 'accepted' })
      await writeFile(fileOf(order.id), JSON.stringify({ order, target }))
      return order
    },

    /** @param {string} id @returns {Promise<{ readonly order: Order, readonly target?: CallbackTarget } | undefined>} */
    async ship(id) {
      if (!/^[\da-f-]{36}$/.test(id)) return undefined
      const text = await readFile(fileOf(id), 'utf8').catch(() => undefined)
      if (text === undefined) return undefined
      const { order, target } = JSON.parse(text)
      const shipped = { order: { ...order, state: 'shipped' }, target }
      await writeFile(fileOf(id), JSON.stringify(shipped))
      return shipped
    },

    /**
     * Listens, unless it does already, and delivers until the process is told to end.
     * @param {import('node:net').Server} server
     * @param {import('ringback/node').Callbacks} callbacks
     */
    serve(server, callbacks) {
      const tell = () => {
        const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
        console.log(`listening on http://127.0.0.1:${port}`)
        dispatcher.start()
      }
      if (server.listening) tell()
      else server.listen(Number(port), '127.0.0.1', tell)
      process.once('SIGTERM', async () => {
        await new Promise((resolve) => server.close(resolve))
        await callbacks.drain({ drainMs: 1000 })
        await dispatcher.stop({ drainMs: 1000 })
        await store.close()
      })
    },
  }
}
