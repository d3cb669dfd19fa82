/** The fields of `application/x-www-form-urlencoded` text, of a query too. One that occurs twice has an array. Without prototype: any name is data. */
export function formFields(text: string): Record<string, string | string[]> {
  const fields = Object.create(null) as Record<string, string | string[]>
  const form = new URLSearchParams(text)
  for (const name of new Set(form.keys())) {
    const values = form.getAll(name)
    fields[name] = values.length === 1 && values[0] !== undefined ? values[0] : values
  }
  return fields
}
