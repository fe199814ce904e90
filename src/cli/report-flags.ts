import { type Command, Option } from 'commander';
import type { ReportOptions } from './check-report.ts';
import type { FailOn } from './failing.ts';
import { REPORT_FORMATS } from './format-names.ts';
import type { CommandIo } from './io.ts';
import { addOutput, type Output } from './option-values.ts';

/** The flags of a command that ends in a report. */
export interface ReportFlags {
  readonly output?: Output[];
  readonly failOn: FailOn;
  readonly failOnUnknown?: true;
  readonly quiet?: true;
  readonly color: boolean;
}

/** Gives a command the flags that say how its report looks and what in it makes the command fail. */
export function withReportFlags(command: Command): Command {
  return command
    .option('-o, --output <format[=file]>', `${Object.keys(REPORT_FORMATS).join(', ')}; to stdout, or to a file (repeatable)`, addOutput)
    .addOption(
      new Option('--fail-on <severity>', 'exit 1 from this severity on').choices(['error', 'warning', 'info', 'never']).default('error'),
    )
    .option('--fail-on-unknown', 'exit 1 when an answer depends on something that is not known')
    .option('-q, --quiet', 'show only what fails')
    .option('--no-color', 'never colour the text');
}

export function reportOptions(
  { output, failOn, failOnUnknown, quiet, color }: ReportFlags,
  io: CommandIo,
): Omit<ReportOptions, 'failIfEmpty'> {
  return {
    outputs: output ?? [{ format: 'text' }],
    failOn,
    failOnUnknown: failOnUnknown === true,
    isQuiet: quiet === true,
    isColored: color && io.isTerminal && (io.env['NO_COLOR'] ?? '') === '',
  };
}
