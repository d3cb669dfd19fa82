/** Every code a thrown error can carry. Each has a heading in docs/errors.md. */
export type ErrorCode = 'ERR_EXPRESSION_SYNTAX' | 'ERR_DOCUMENT_UNREADABLE' | 'ERR_TARGET_REFUSED' | 'ERR_SQLITE_MISSING'
