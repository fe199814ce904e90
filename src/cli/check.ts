import { detailsFor, FORMATS } from '../report/formats.ts';
import type { FormatOptions } from '../report/report.ts';
import { ReportBuilder } from '../report/report-builder.ts';
import { RULES } from '../rules/index.ts';
import { exitCodeOf, type FailOptions, isFailing } from './failing.ts';
import { createFileEngine, type EngineOptions } from './file-engine.ts';
import type { CommandIo, ExitCode } from './io.ts';
import type { Output } from './option-values.ts';
import { writeOutputs } from './outputs.ts';
import { Progress } from './progress.ts';
import { reportExemptions } from './report-exemptions.ts';
import { type ReportFileOptions, reportFile } from './report-file.ts';
import { createSourcePath } from './source-path.ts';
import { appendStepSummary } from './step-summary.ts';
import { VERSION } from './version.ts';

export interface CheckOptions extends EngineOptions, ReportFileOptions, FailOptions {
  readonly outputs: readonly Output[];
  readonly isQuiet: boolean;
  readonly isColored: boolean;
}

/** `vhostguard check`: the verdict admission would give, from files alone. */
export async function check(options: CheckOptions, io: CommandIo): Promise<ExitCode> {
  const progress = new Progress(io, options.isQuiet);
  const { engine, files, configuration } = await createFileEngine({ ...options, splitsTemplates: true }, io);
  const names = options.outputs.map(({ format }) => format);
  const builder = new ReportBuilder({
    rules: RULES.map(({ meta }) => meta),
    isFailing: (finding) => isFailing(finding, options),
    details: detailsFor(names),
  });
  await progress.forEach(files(), (file) => reportFile(file, builder, engine, options));
  if (configuration !== undefined) reportExemptions(configuration, builder, engine);
  const report = builder.build();
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
  if (names.includes('github')) appendStepSummary(report, format, io);
  if (options.failIfEmpty && report.summary.inScope === 0)
    io.stderr.write('vhostguard: nothing with a vhost-user NIC was found, and --fail-if-empty is set\n');
  return exitCode;
}
