import type { ResolveOptions } from '../callback/index.ts'
import type { Clock, Random } from '../util/index.ts'
import type { BuildOptions } from './build-request.ts'
import type { AnyOptions } from './options.ts'
import type { Outlet } from './outlet.ts'
import type { TellProblem } from './problem.ts'
import type { UnderWay } from './under-way.ts'

/** What every exchange of a scope shares. */
export interface ScopeParts {
  readonly build: BuildOptions
  readonly resolve: ResolveOptions
  readonly outlet: Outlet
  readonly when: AnyOptions['when']
  readonly tell: TellProblem
  readonly clock: Clock
  readonly random: Random
  readonly commitTimeoutMs: number
  readonly maxBodyBytes: number
  readonly maxTargets: number
  readonly underWay: UnderWay
}
