import {
  type Callback,
  callbacksOf,
  child,
  isObjectValue,
  isRecord,
  type LinkObject,
  type Located,
  linksOf,
  members,
  nameOf,
  type OpenApiDescription,
  type Operation,
  placeOf,
  refOf,
  responsesOf,
} from '../../openapi/index.ts'
import { operationsIn } from './operations.ts'
import { readKey } from './read-key.ts'
import { readLink } from './read-link.ts'
import type { KeySubject, LinkSubject } from './subject.ts'

/** Everything in a description that the rules look at. */
export interface CallbackSubjects {
  readonly operations: readonly Operation[]
  readonly callbacks: readonly Callback[]
  readonly keys: readonly KeySubject[]
  readonly links: readonly LinkSubject[]
  /** Callback Objects under `components` that no operation refers to. */
  readonly unused: readonly Located[]
}

export function subjectsOf(description: OpenApiDescription): CallbackSubjects {
  const operations = operationsIn(description).all
  const callbacks = operations.flatMap(callbacksOf)
  const keys = callbacks.flatMap((callback) =>
    callback.keys.map((member) => readKey({ at: member.at, text: member.key, callback, member })),
  )
  const links = operations
    .filter(mayHaveLinks)
    .flatMap((operation) =>
      responsesOf(operation).flatMap((response) => linksOf(response).map((link) => readLink({ ...link, description }))),
    )
  const unused = unusedCallbacks(description, callbacks)
  const unusedKeys = unused.flatMap((object) =>
    members(object)
      .filter(({ name }) => !name.startsWith('x-'))
      .map(({ name, at }) => readKey({ at, text: name })),
  )
  const known = new Set(keys.map(({ at }) => placeOf(at)))
  const unreachedKeys = callbacksOfUnusedPathItems(description).flatMap((object) =>
    members(object)
      .filter(({ name, at }) => !name.startsWith('x-') && !known.has(placeOf(at)))
      .map(({ name, at }) => readKey({ at, text: name })),
  )
  return {
    operations,
    callbacks,
    keys: [...keys, ...unusedKeys, ...unreachedKeys],
    links: [...links, ...unusedLinks(description, links)],
    unused,
  }
}

/** Few operations have links, and to read all their responses for nothing takes longer than everything else. */
function mayHaveLinks(operation: Operation): boolean {
  const responses = child(operation.at, 'responses')?.value
  if (!isRecord(responses)) return false
  return Object.values(responses).some(
    (response) => isRecord(response) && (Object.hasOwn(response, 'links') || Object.hasOwn(response, '$ref')),
  )
}

/** Parts for the paths of other documents: what they are called there nobody can tell, but their keys can be read. */
function callbacksOfUnusedPathItems(description: OpenApiDescription): readonly Located[] {
  const components = child(description.root, 'components')
  return members(components && child(components, 'pathItems'))
    .filter(({ at }) => isObjectValue(at))
    .flatMap(({ at: pathItem }) => members(pathItem))
    .flatMap(({ at: operation }) => (isObjectValue(operation) ? members(child(operation, 'callbacks')) : []))
    .filter(({ name, at }) => !name.startsWith('x-') && isObjectValue(at) && refOf(at.value) === undefined)
    .map(({ at }) => at)
}

function unusedCallbacks(description: OpenApiDescription, callbacks: readonly Callback[]): readonly Located[] {
  return unusedComponents(description, 'callbacks', callbacks)
}

/** Their values and their targets can be read, but not what an exchange would give them. */
function unusedLinks(description: OpenApiDescription, used: readonly LinkSubject[]): readonly LinkSubject[] {
  const places = used.map(({ link }) => link)
  return unusedComponents(description, 'links', places).map((at) =>
    readLink({ name: nameOf(at), at, object: at as Located<LinkObject>, failure: undefined, description, response: undefined }),
  )
}

function unusedComponents(
  description: OpenApiDescription,
  field: 'callbacks' | 'links',
  users: readonly { readonly at: Located }[],
): readonly Located[] {
  const components = child(description.root, 'components')
  const named = members(components && child(components, field)).filter(({ name }) => !name.startsWith('x-'))
  if (named.length === 0) return []
  const used = new Set(stepsTo(description, users).map(placeOf))
  return named
    .filter(({ at }) => !used.has(placeOf(at)) && refOf(at.value) === undefined && isObjectValue(at))
    .map(({ at }) => at)
}

/** Where the Callback Objects are that operations have or refer to: the name of the file and a JSON Pointer, `#` between them. */
export function referredCallbacks(description: OpenApiDescription): ReadonlySet<string> {
  const callbacks = operationsIn(description).all.flatMap(callbacksOf)
  return new Set(stepsTo(description, callbacks).map(({ file, pointer }) => `${file.name}#${pointer}`))
}

/** A component may stand for another one. */
function stepsTo(description: OpenApiDescription, users: readonly { readonly at: Located }[]): readonly Located[] {
  const steps = new Map<string, Located>()
  for (const { at } of users) {
    for (let step: Located | undefined = at; step !== undefined && !steps.has(placeOf(step)); ) {
      steps.set(placeOf(step), step)
      const ref = refOf(step.value)
      const next: ReturnType<OpenApiDescription['follow']> | undefined =
        ref === undefined ? undefined : description.follow(step, ref)
      step = next?.ok ? next.value : undefined
    }
  }
  return [...steps.values()]
}
