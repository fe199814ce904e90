import type { Exemption } from '../core/settings.ts';
import { subjectOf } from '../core/subject.ts';
import type { Engine } from '../engine/engine.ts';
import { covers } from '../engine/exemption.ts';
import type { Finding, Severity } from '../engine/finding.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { FORMATS } from '../report/formats.ts';
import { type Place, type Report, ReportBuilder } from '../report/report.ts';
import { RULES } from '../rules/index.ts';
import { createFileEngine, type EngineOptions } from './file-engine.ts';
import type { GatheredFile } from './gather.ts';
import type { CommandIo, ExitCode } from './io.ts';
import type { Output } from './option-values.ts';
import { writeOutputs } from './outputs.ts';

export type FailOn = Severity | 'never';

export interface CheckOptions extends EngineOptions {
  readonly outputs: readonly Output[];
  readonly failOn: FailOn;
  /** Judges what admission would make of the objects, not the text as it stands. */
  readonly repairs: boolean;
  readonly failOnUnknown: boolean;
  readonly failIfEmpty: boolean;
  readonly isQuiet: boolean;
  readonly isColored: boolean;
}

/** `vhostguard check`: the verdict admission would give, from files alone. */
export async function check(options: CheckOptions, io: CommandIo): Promise<ExitCode> {
  const { engine, files } = await createFileEngine(options, io);
  const builder = new ReportBuilder(new Map(RULES.map(({ meta }) => [meta.id, meta.remedy])));
  for (const file of files()) addFile(file, builder, engine, options);
  const report = builder.build();
  const format = { isColored: options.isColored, isQuiet: options.isQuiet };
  writeOutputs(
    options.outputs.map((output) => ({
      text: FORMATS[output.format](report, format),
      file: output.file,
    })),
    io,
  );
  for (const note of unusedExemptions(report, engine)) io.stderr.write(note);
  if (options.failIfEmpty && report.summary.inScope === 0)
    io.stderr.write('vhostguard: nothing with a vhost-user NIC was found, and --fail-if-empty is set\n');
  return exitCodeOf(report, options);
}

function addFile(file: GatheredFile, builder: ReportBuilder, engine: Engine, { namespace, repairs }: CheckOptions): void {
  if (file.state === 'failed') {
    const hint = file.error.hint === undefined ? {} : { hint: file.error.hint };
    builder.addProblem({
      file: file.name,
      line: 0,
      column: 0,
      message: file.error.message,
      ...hint,
    });
    return;
  }
  for (const problem of file.content.errors) builder.addProblem(problem);
  for (const manifest of file.content.manifests) {
    const subject = subjectOf(manifest.object, namespace);
    const judgement = repairs ? engine.judge(subject) : engine.judgeAsWritten(subject);
    builder.add(subject, judgement, (finding) => placeOf(manifest, finding));
  }
}

function placeOf(manifest: Manifest, { path, offset }: Finding): Place {
  const position = offset === undefined ? manifest.locate(path) : manifest.locateOffset(path, offset);
  return {
    ...position,
    file: manifest.file,
    source: manifest.lines.line(position.line),
  };
}

/** An exemption that nothing needs any more hides the next mistake; these files may not be all that it is for. */
function unusedExemptions({ findings }: Report, { context: { settings } }: Engine): string[] {
  const isUsed = (exemption: Exemption): boolean =>
    findings.some(({ finding, object }) => covers(exemption, { id: finding.rule, name: finding.name }, object));
  const unused = settings.exemptions.filter((exemption) => !isUsed(exemption));
  return unused.map(({ rules, reason }) => `vhostguard: note: nothing here needs the exemption of ${rules.join(', ')} (${reason})\n`);
}

const RANK: Readonly<Record<FailOn, number>> = {
  info: 0,
  warning: 1,
  error: 2,
  never: 3,
};

function exitCodeOf({ findings, problems, summary }: Report, options: CheckOptions): ExitCode {
  if (problems.length > 0 || summary.error > 0) return 3;
  const counts = (finding: Finding): boolean => {
    if (finding.repaired) return false;
    if (finding.isUnknown) return options.failOnUnknown;
    if (finding.status === 'skip') return false;
    const severity = finding.status === 'warn' && finding.severity === 'error' ? 'warning' : finding.severity;
    return RANK[severity] >= RANK[options.failOn];
  };
  if (findings.some(({ finding }) => counts(finding))) return 1;
  return options.failIfEmpty && summary.inScope === 0 ? 1 : 0;
}
