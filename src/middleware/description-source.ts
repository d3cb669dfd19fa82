import { descriptionOf, fileOfObject, nowhere, OpenApiDescription } from '../openapi/index.ts'

/** The description behind what an application gave: at once where nothing has to be read. */
export function openDescription(given: unknown): OpenApiDescription | Promise<OpenApiDescription> {
  if (given instanceof OpenApiDescription) return given
  if (typeof given === 'string' || given instanceof URL) return read(given)
  if (typeof given !== 'object' || given === null) {
    throw new TypeError(
      `Expected a "description": a path, a text, an object or what readDescription gave, found ${String(given)}.`,
    )
  }
  const file = fileOfObject(given, nowhere, '<object>')
  return descriptionOf(file, new Map([[file.uri, file]]), new Map())
}

// Loaded only where it is needed: workers have no files.
async function read(input: string | URL): Promise<OpenApiDescription> {
  const { readDescription } = await import('../loading/index.ts')
  return readDescription(input)
}
