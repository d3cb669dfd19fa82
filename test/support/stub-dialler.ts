import type { Server } from 'node:http'
import { type AddressInfo, isIP, type LookupFunction, connect as tcpConnect } from 'node:net'
import type { DiallerFactory } from 'ringback/dispatcher'

/** Notes what it is told to dial, and connects to the server on loopback in its stead, in clear text. */
export function stubDialler(server: Server, dialled: string[]): DiallerFactory {
  return ({ lookup }) =>
    (target, callback) => {
      const dial = (addresses: readonly string[]): void => {
        dialled.push(...addresses)
        const socket = tcpConnect((server.address() as AddressInfo).port, '127.0.0.1')
        Object.defineProperty(socket, 'remoteAddress', { value: addresses[0] })
        socket.once('connect', () => callback(null, socket))
        socket.once('error', (error) => callback(error, null))
      }
      if (isIP(target.hostname) !== 0) dial([target.hostname])
      else lookUpAll(lookup, target.hostname).then(dial, (error: Error) => callback(error, null))
    }
}

function lookUpAll(lookup: LookupFunction, hostname: string): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    lookup(hostname, { all: true }, (error, addresses) => {
      if (error !== null) reject(error)
      else resolve(Array.isArray(addresses) ? addresses.map(({ address }) => address) : [addresses])
    })
  })
}
