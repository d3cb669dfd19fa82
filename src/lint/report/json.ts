import type { Reporter } from './reporter.ts'

/** The findings and the summary, as `report.schema.json` describes them. */
export const json: Reporter = ({ problems, summary }) => `${JSON.stringify({ problems, summary }, null, 2)}\n`
