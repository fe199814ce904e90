import type { Command } from 'commander';
import { bashCompletion } from './completion-bash.ts';
import { fishCompletion } from './completion-fish.ts';
import { type CompletedCommand, describeCommands } from './completion-words.ts';
import { zshCompletion } from './completion-zsh.ts';
import type { CommandIo, ExitCode } from './io.ts';

const SHELLS = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
} as const satisfies Readonly<Record<string, (program: string, commands: readonly CompletedCommand[]) => string>>;

export type Shell = keyof typeof SHELLS;

/**
 * `vhostguard completion`: the script of a shell. It holds every word itself: completing starts no process, and the script is made anew
 * with each version.
 */
export function completion(shell: Shell, program: Command, io: Pick<CommandIo, 'stdout'>): ExitCode {
  io.stdout.write(SHELLS[shell]('vhostguard', describeCommands(program)));
  return 0;
}
