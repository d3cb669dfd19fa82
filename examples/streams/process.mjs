import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/**
 * What the processes print, as one line of JSON.
 * @typedef {{ readonly event: string, readonly [member: string]: any }} Line
 * @typedef {{ readonly first: Line, kill(): Promise<void>, stop(): Promise<void> }} Started
 */

/**
 * Starts a script that prints lines of JSON. Resolves with its first line once it says that it listens.
 * @param {URL} file
 * @param {readonly string[]} args
 * @param {(line: Line) => void} onLine
 * @returns {Promise<Started>}
 */
export function startProcess(file, args, onLine) {
  const child = spawn(process.execPath, [fileURLToPath(file), ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${fileURLToPath(file)} ended with ${code} before it listened.`)))
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line = JSON.parse(text)
      onLine(line)
      if (line.event !== 'listening') return
      resolve({
        first: line,
        /** At once, as a crash would: nothing is put in order. */
        kill: async () => {
          child.kill('SIGKILL')
          await ended
        },
        stop: async () => {
          child.kill('SIGTERM')
          await ended
        },
      })
    })
  })
}
