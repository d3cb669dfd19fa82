/** Bounds on what one text may cost. */
export interface DocumentLimits {
  /** Longest text in UTF-8 bytes (in UTF-16 units when it comes as a string). Default 64 MiB. */
  readonly maxBytes: number
  /** Most nodes (scalars, sequences, mappings), written or reached through aliases. Default 4,000,000. */
  readonly maxNodes: number
  /** Deepest nesting. Default 500. */
  readonly maxDepth: number
}

export const defaultLimits: DocumentLimits = { maxBytes: 64 * 1024 * 1024, maxNodes: 4_000_000, maxDepth: 500 }

export function limitsOf(options: Partial<DocumentLimits>): DocumentLimits {
  return {
    maxBytes: options.maxBytes ?? defaultLimits.maxBytes,
    maxNodes: options.maxNodes ?? defaultLimits.maxNodes,
    maxDepth: options.maxDepth ?? defaultLimits.maxDepth,
  }
}
