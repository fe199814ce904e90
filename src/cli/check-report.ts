import { FORMATS, showReplacements } from '../report/formats.ts';
import type { FormatOptions, Report } from '../report/report.ts';
import { ReportBuilder } from '../report/report-builder.ts';
import { RULES } from '../rules/index.ts';
import { exitCodeOf, type FailOptions, isFailing } from './failing.ts';
import type { CommandIo, ExitCode } from './io.ts';
import type { Output } from './option-values.ts';
import { writeOutputs } from './outputs.ts';
import { createSourcePath } from './source-path.ts';
import { appendStepSummary } from './step-summary.ts';
import { VERSION } from './version.ts';

/** How a report looks, where it goes, and what in it makes the command fail. */
export interface ReportOptions extends FailOptions {
  readonly outputs: readonly Output[];
  readonly isQuiet: boolean;
  readonly isColored: boolean;
}

/** A report with nothing in it yet that will hold what these outputs show. */
export function createReportBuilder(options: ReportOptions): ReportBuilder {
  return new ReportBuilder({
    rules: RULES.map(({ meta }) => meta),
    isFailing: (finding) => isFailing(finding, options),
    hasReplacements: showReplacements(options.outputs.map(({ format }) => format)),
  });
}

/** Writes a report in each format asked for. @returns what its findings make of the command @throws AppError OUTPUT_UNWRITABLE */
export function writeReport(report: Report, options: ReportOptions, io: CommandIo): ExitCode {
  const exitCode = exitCodeOf(report, options);
  const format: FormatOptions = {
    isColored: options.isColored,
    isQuiet: options.isQuiet,
    exitCode,
    version: VERSION,
    sourcePath: createSourcePath(io.env),
  };
  writeOutputs(
    options.outputs.map((output) => ({
      text: FORMATS[output.format](report, format),
      file: output.file,
    })),
    io,
  );
  if (options.outputs.some((output) => output.format === 'github')) appendStepSummary(report, format, io);
  return exitCode;
}
