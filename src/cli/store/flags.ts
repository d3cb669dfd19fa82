import { readFileSync } from 'node:fs'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { Keyring } from '../../dispatcher/index.ts'
import { readKeyring } from './keyring.ts'

/** Which store, and how to read it. */
export interface StoreFlags {
  readonly store: StoreAddress
  readonly keys?: Keyring
  readonly plaintext?: true
}

export type StoreAddress =
  | { readonly kind: 'sqlite'; readonly path: string }
  | { readonly kind: 'postgres'; readonly url: string }

/** Adds what every command on a store has. */
export function withStoreOptions(command: Command): Command {
  return withKeyOptions(command.addOption(storeOption().makeOptionMandatory()))
}

/** `--store`, for commands that have a use without one. */
export function storeOption(): Option {
  return new Option('--store <address>', 'sqlite:FILE or postgres://…; a password is better kept in the environment')
    .env('RINGBACK_STORE')
    .argParser(readAddress)
}

export function withKeyOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--keys <file>',
        'the keyring of the store: "kid:base64" a line, the first seals; or the text of one in RINGBACK_KEYS',
      ).argParser(readKeyFile),
    )
    .option('--plaintext', 'with a keyring: also read what was stored before there was one')
}

function readAddress(text: string): StoreAddress {
  const path = /^sqlite:(.+)$/s.exec(text)?.[1]
  if (path !== undefined) return { kind: 'sqlite', path }
  if (/^postgres(ql)?:\/\//.test(text) && URL.canParse(text)) return { kind: 'postgres', url: text }
  // The text may hold a password.
  throw new InvalidArgumentError('Expected sqlite:FILE or postgres://user@host/database.')
}

function readKeyFile(file: string): Keyring {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new InvalidArgumentError(`The file cannot be read: ${(error as Error).message}.`)
  }
  return keyringOf(text)
}

function keyringOf(text: string): Keyring {
  try {
    return readKeyring(text)
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message)
  }
}
