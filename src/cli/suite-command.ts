import type { Command } from 'commander';
import type { SuiteFormatName } from '../suite/formats.ts';
import { SUITE_FORMATS } from './format-names.ts';
import type { CommandIo, ExitCode } from './io.ts';
import { type Output, outputsOf, parseDay } from './option-values.ts';

interface TestFlags {
  readonly namespace: string;
  readonly asOf?: string;
  readonly output?: Output<SuiteFormatName>[];
  readonly quiet?: true;
}

/** Adds the command `test`. */
export function addTest(program: Command, io: CommandIo, done: (code: ExitCode) => void): void {
  program
    .command('test')
    .description('run expectation suites: objects, and what should become of each')
    .argument('<path...>', 'suites, and directories that are searched for them')
    .option('-n, --namespace <name>', 'where kubectl would put objects without a namespace', 'default')
    .option('--as-of <day>', 'judge exemptions as on this day where a test names none, YYYY-MM-DD', parseDay)
    .option(
      '-o, --output <format[=file]>',
      `${Object.keys(SUITE_FORMATS).join(', ')}; to stdout, or to a file (repeatable)`,
      outputsOf(SUITE_FORMATS),
    )
    .option('-q, --quiet', 'show only the tests that do not pass')
    .action(async (paths: string[], { output, quiet, ...flags }: TestFlags) => {
      const { test } = await import('./test.ts');
      done(await test({ paths, ...flags, outputs: output ?? [{ format: 'text' }], isQuiet: quiet === true }, io));
    });
}
