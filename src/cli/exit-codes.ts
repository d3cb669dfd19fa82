/** sysexits.h: the command was used incorrectly. */
export const exitUsage = 64
/** sysexits.h: a bug of ours. */
export const exitSoftware = 70
/** The command was understood and could not be carried out. */
export const exitFailure = 1
/** `ringback lint`: there is something at or above --fail-on. */
export const exitFindings = 1
/** The document that was to be worked on cannot be read. */
export const exitUnreadable = 2
/** `ringback listen`: the calls that were waited for did not come in time. */
export const exitTimedOut = 2
/** `ringback listen`: a request broke the description or the schema. */
export const exitContractBroken = 3
