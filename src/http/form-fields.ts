/** The fields of `application/x-www-form-urlencoded` text, of a query too. One that occurs twice has an array. Without prototype: any name is data. */
export function formFields(text: string): Record<string, string | string[]> {
  const fields = Object.create(null) as Record<string, string | string[]>
  if (text === '') return fields
  new URLSearchParams(text).forEach((value, name) => {
    const before = fields[name]
    if (before === undefined) fields[name] = value
    else if (typeof before === 'string') fields[name] = [before, value]
    else before.push(value)
  })
  return fields
}
