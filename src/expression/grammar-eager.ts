// What `#grammar` means to bundlers, browsers and to the tests of the sources: the grammar as a static import.

export type { Entry, Finding, Reading } from './grammar/index.ts'
export { expectedAfter, readExpression, readTemplate } from './grammar/index.ts'
