import { run } from '../../src/cli/program.ts';

export interface CliResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process, with its own streams and a fixed day. */
export async function runCli(
  argv: readonly string[],
  { stdin = '', env = {} }: { stdin?: string | Buffer; env?: Record<string, string> } = {},
): Promise<CliResult> {
  let stdout = '';
  let stderr = '';
  const exitCode = await run(argv, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    stdin: async () => Buffer.from(stdin),
    isTerminal: false,
    env,
    now: () => new Date('2026-11-22T12:00:00Z'),
    onSignal: () => undefined,
  });
  return { exitCode, stdout, stderr };
}
