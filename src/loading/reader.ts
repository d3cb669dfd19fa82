/** Reads what a URI stands for: bytes, or text that is decoded already. Rejects when it cannot. */
export interface Reader {
  read(uri: string): Promise<Uint8Array | string>
}
