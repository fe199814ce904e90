import { CommanderError } from 'commander';
import { AppError, describeError } from '../core/errors.ts';
import { createProgram } from './commands.ts';
import { exitCodeFor } from './exit-code.ts';
import type { CommandIo, ExitCode } from './io.ts';
import { VERSION } from './version.ts';

/** Runs a command line to its exit code. Never throws, never exits, never shows a stack trace for a user's mistake. */
export async function run(argv: readonly string[], io: CommandIo): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const program = createProgram(io, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (thrown) {
    return failed(thrown, io);
  }
}

function failed(thrown: unknown, io: CommandIo): ExitCode {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2;
  if (thrown instanceof AppError) {
    io.stderr.write(`vhostguard: ${thrown.message}\n${thrown.hint === undefined ? '' : `  hint: ${thrown.hint}\n`}`);
    return exitCodeFor(thrown);
  }
  const stack = thrown instanceof Error ? thrown.stack : undefined;
  io.stderr.write(
    `vhostguard: internal error: ${describeError(thrown)}\n${stack ?? ''}\n  hint: this is a bug in vhostguard ${VERSION}: please report it\n`,
  );
  return 3;
}
