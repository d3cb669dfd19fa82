import { RingbackError } from '../errors/index.ts'
import type { Position } from './position.ts'

/** The document cannot be read as an OpenAPI Description. `offset`, `line` and `column` are known when the trouble has a place in the text. */
export class DocumentError extends RingbackError {
  /** As it was named by the caller, or its URI. */
  readonly file: string
  /** Zero-based, in UTF-16 units. */
  readonly offset: number | undefined
  /** One-based. */
  readonly line: number | undefined
  /** One-based, in UTF-16 units. */
  readonly column: number | undefined

  constructor(message: string, place: { file: string; position?: Position | undefined }, options?: ErrorOptions) {
    super('ERR_DOCUMENT_UNREADABLE', `${place.file}${printed(place.position)}: ${message}`, options)
    this.file = place.file
    this.offset = place.position?.offset
    this.line = place.position?.line
    this.column = place.position?.column
  }

  override get name(): string {
    return 'DocumentError'
  }
}

function printed(position: Position | undefined): string {
  return position === undefined ? '' : `:${position.line}:${position.column}`
}
