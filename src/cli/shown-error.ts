const mark = 'REDACTED'

/** What Commander says of a mistake, without what may be a password in what was given: the log of a build keeps it. */
export function shownError(text: string): string {
  return (
    text
      // A password that is not percent-encoded is what makes an address unreadable, so that nobody knows where in it the password is.
      .replace(/(option '--store <\w+>' (?:argument|value) ').*(?=' (?:from env '\w+' )?is invalid\.)/s, `$1${mark}`)
      .replace(/:\/\/[^\n]*@/g, `://${mark}@`)
  )
}
