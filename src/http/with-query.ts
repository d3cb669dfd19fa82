/** `a=1&b=2` added to a URL: in front of a fragment, and behind the query that it may have. Nothing else of it changes. */
export function withQuery(url: string, query: string): string {
  if (query === '') return url
  const hash = url.indexOf('#')
  const [before, fragment] = hash === -1 ? [url, ''] : [url.slice(0, hash), url.slice(hash)]
  const separator = !before.includes('?') ? '?' : /[?&]$/.test(before) ? '' : '&'
  return `${before}${separator}${query}${fragment}`
}
