import { readKey } from './read-key.ts'
import { readValue } from './read-link.ts'
import type { Subject } from './subject.ts'

/** The same key or value of a link, as it would be read with another text. */
export function withText(subject: Subject, text: string): Subject {
  return subject.kind === 'key'
    ? readKey({ at: subject.at, text, callback: subject.callback, member: subject.member })
    : readValue(subject.link, { ...subject.at, value: text }, subject.parameter)
}
