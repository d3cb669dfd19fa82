import type { OperationMatch } from '../openapi/index.ts'
import type { OperationPlan } from './operation-plan.ts'
import type { TellProblem } from './problem.ts'

/** Looks whether a request that is for no operation would be for one under another base path, and tells of it. */
export type NoteStranger = (look: () => OperationMatch | undefined) => void

// A server that is set up wrongly shows it at once; one that also serves other things should not pay for ever.
const mostLooks = 1000

/** Tells once for each operation. `basePath` is the option. */
export function strangerTeller(
  planOf: (match: OperationMatch) => OperationPlan | undefined,
  basePath: string | undefined,
  tell: TellProblem,
): NoteStranger {
  const told = new Set<OperationPlan>()
  let looks = 0
  return (look) => {
    if (looks >= mostLooks) return
    looks++
    const found = look()
    const plan = found === undefined ? undefined : planOf(found)
    if (found === undefined || plan === undefined || told.has(plan)) return
    told.add(plan)
    const { method, path } = found.operation
    const whatCame = `A request for ${method} ${path} came`
    const message =
      basePath === undefined
        ? `${whatCame} without ${JSON.stringify(found.basePath)}, which "servers" puts in front of it: no callbacks are sent. Pass basePath: '' when this server has the API at its root.`
        : `${whatCame} under ${JSON.stringify(found.basePath)}, as "servers" says, and not under the "basePath" ${JSON.stringify(basePath)}: no callbacks are sent. Leave "basePath" out when that is right.`
    tell({ kind: 'base-path', operation: plan.name, message })
  }
}
