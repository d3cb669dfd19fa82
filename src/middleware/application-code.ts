// What the application gives us to call may throw, reject, and answer anything.

/** Calls a function of the application. One that throws or rejects is a warning of the process, and harms nobody else. */
export function callListener<Told>(name: 'onError' | 'onStart', listener: (told: Told) => unknown, told: Told): void {
  const failed = (error: unknown): void => {
    const code = name === 'onError' ? 'on-error' : 'on-start'
    process.emitWarning(`"${name}" failed: ${textOfError(error)}`, { type: 'RingbackWarning', code })
  }
  try {
    const answer = listener(told)
    if (isThenable(answer)) Promise.resolve(answer).catch(failed)
  } catch (error) {
    failed(error)
  }
}

/** Whether somebody has to wait for it: promises of other libraries and realms are no `Promise`. */
export function isThenable(answer: unknown): answer is PromiseLike<unknown> {
  return typeof answer === 'object' && answer !== null && 'then' in answer && typeof answer.then === 'function'
}

/** Anything can be thrown, also what cannot be made text. */
export function textOfError(error: unknown): string {
  try {
    return String(error)
  } catch {
    return 'something that has no text'
  }
}
