import { createReportBuilder, type ReportOptions, writeReport } from './check-report.ts';
import { createFileEngine, type EngineOptions } from './file-engine.ts';
import type { CommandIo, ExitCode } from './io.ts';
import { Progress } from './progress.ts';
import { reportExemptions } from './report-exemptions.ts';
import { type ReportFileOptions, reportFile } from './report-file.ts';

export interface CheckOptions extends EngineOptions, ReportFileOptions, ReportOptions {}

/** `vhostguard check`: the verdict admission would give, from files alone. */
export async function check(options: CheckOptions, io: CommandIo): Promise<ExitCode> {
  const progress = new Progress(io, options.isQuiet);
  const { engine, files, configuration } = await createFileEngine({ ...options, splitsTemplates: true }, io);
  const builder = createReportBuilder(options);
  await progress.forEach(files(), (file) => reportFile(file, builder, engine, options));
  if (configuration !== undefined) reportExemptions(configuration, builder, engine);
  const report = builder.build();
  const exitCode = writeReport(report, options, io);
  if (options.failIfEmpty && report.summary.inScope === 0)
    io.stderr.write('vhostguard: nothing with a vhost-user NIC was found, and --fail-if-empty is set\n');
  return exitCode;
}
