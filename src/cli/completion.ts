import { Argument, type Command } from 'commander';
import { bashCompletion } from './completion-bash.ts';
import { fishCompletion } from './completion-fish.ts';
import { type CompletedCommand, describeCommands } from './completion-words.ts';
import { zshCompletion } from './completion-zsh.ts';
import type { CommandIo, ExitCode } from './io.ts';

type Shell = 'bash' | 'zsh' | 'fish';

const SHELLS: Readonly<Record<Shell, (program: string, commands: readonly CompletedCommand[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/**
 * Adds the command `completion`. The scripts hold every word themselves: completing starts no process, and they are made anew with
 * each version.
 */
export function addCompletion(program: Command, io: CommandIo, done: (code: ExitCode) => void): void {
  program
    .command('completion')
    .description('print a completion script: source <(vhostguard completion bash)')
    .addArgument(new Argument('<shell>', 'which shell').choices(Object.keys(SHELLS)))
    .action((shell: Shell) => {
      io.stdout.write(SHELLS[shell]('vhostguard', describeCommands(program)));
      done(0);
    });
}
