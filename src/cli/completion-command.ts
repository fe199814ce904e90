import { Argument, type Command } from 'commander';
import type { Shell } from './completion.ts';
import type { CommandIo, ExitCode } from './io.ts';

const SHELLS: Readonly<Record<Shell, true>> = { bash: true, zsh: true, fish: true };

/** Adds the command `completion`. */
export function addCompletion(program: Command, io: CommandIo, done: (code: ExitCode) => void): void {
  program
    .command('completion')
    .description('print a completion script: source <(vhostguard completion bash)')
    .addArgument(new Argument('<shell>', 'which shell').choices(Object.keys(SHELLS)))
    .action(async (shell: Shell) => {
      const { completion } = await import('./completion.ts');
      done(completion(shell, program, io));
    });
}
