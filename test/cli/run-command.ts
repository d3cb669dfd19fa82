import { type CommandDefinition, runCommandLine } from '../../src/cli/index.ts'

export interface Ran {
  readonly exitCode: number
  /** Without colours. */
  readonly stdout: string
  /** Without colours. */
  readonly stderr: string
}

/** Runs a command line in this process. `commands`: others than those of the package. */
export async function runCommand(args: readonly string[], commands?: readonly CommandDefinition[]): Promise<Ran> {
  let stdout = ''
  let stderr = ''
  const terminal = { stdout: (text: string) => (stdout += text), stderr: (text: string) => (stderr += text) }
  const exitCode = await runCommandLine(args, terminal, commands)
  const plain = (text: string): string => text.replaceAll(/\u001b\[\d+m/g, '')
  return { exitCode, stdout: plain(stdout), stderr: plain(stderr) }
}
