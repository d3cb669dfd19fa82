import { RingbackError } from '../../errors/index.ts'

/** A description, or a place in it, that no endpoint can be made from: a broken key, an example that its own schema refuses. */
export class ContractError extends RingbackError {
  declare readonly code: 'ERR_CONTRACT_UNUSABLE'
  /** JSON Pointer into the description, as a fragment; with a file name before it where it is not the entry document. */
  readonly pointer: string

  constructor(pointer: string, message: string, options?: ErrorOptions) {
    super('ERR_CONTRACT_UNUSABLE', `${message} (${pointer})`, options)
    this.pointer = pointer
  }

  override get name(): string {
    return 'ContractError'
  }
}
