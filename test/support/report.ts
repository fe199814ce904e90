import { readFileSync } from 'node:fs';
import { reportFile } from '../../src/cli/report-file.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../src/core/settings.ts';
import { createEngine } from '../../src/engine/engine.ts';
import type { Finding } from '../../src/engine/finding.ts';
import type { AnyRule } from '../../src/engine/rule.ts';
import { MemoryInventory } from '../../src/kube/memory-inventory.ts';
import { readManifests } from '../../src/manifest/read.ts';
import type { Format, FormatOptions, Report } from '../../src/report/report.ts';
import { ReportBuilder } from '../../src/report/report-builder.ts';
import { RULES } from '../../src/rules/index.ts';
import { TODAY } from './fixture.ts';

/** A run of version 1.2.3 that found something, in a repository whose paths are those given. */
export const FORMAT_OPTIONS: FormatOptions = {
  isColored: false,
  isQuiet: false,
  exitCode: 1,
  version: '1.2.3',
  sourcePath: (file) => file,
};

interface ReportSetup {
  readonly rules?: readonly AnyRule[];
  readonly settings?: Settings;
  readonly isFailing?: (finding: Finding) => boolean;
}

const failsByItself = ({ status, repaired }: Finding): boolean => status === 'fail' && !repaired;

/** What a format makes of a report, as one text. */
export function render(format: Format, report: Report, options: FormatOptions = FORMAT_OPTIONS): string {
  return [...format(report, options)].join('');
}

/** The report of `check` on these texts by file name, with everything in it that any format asks for. */
export function reportOn(
  texts: Readonly<Record<string, string>>,
  { rules = RULES, settings = DEFAULT_SETTINGS, isFailing = failsByItself }: ReportSetup = {},
): Report {
  const inventory = new MemoryInventory({ isComplete: false, description: 'the files given', defaultNamespace: 'default' });
  const files = Object.entries(texts).map(([name, text]) => ({
    state: 'read' as const,
    name,
    text,
    content: readManifests(text, name),
  }));
  for (const { object } of files.flatMap(({ content }) => content.manifests)) inventory.add(object);
  const engine = createEngine({ rules, inventory, settings, today: TODAY });
  const builder = new ReportBuilder({
    rules: rules.map(({ meta }) => meta),
    isFailing,
    hasReplacements: true,
  });
  for (const file of files) reportFile(file, builder, engine, { namespace: 'default', repairs: true });
  return builder.build();
}

/** The report on files. */
export function reportOnFiles(paths: readonly string[], setup?: ReportSetup): Report {
  return reportOn(Object.fromEntries(paths.map((path) => [path, readFileSync(path, 'utf8')])), setup);
}

const INPUT = ['broken', 'network', 'vm'].map((name) => `test/report/input/${name}.yaml`);

/** Rules whose findings on the input have every status; new rules do not change what is made of it. */
const CHOSEN = ['VHG101', 'VHG102', 'VHG104', 'VHG105', 'VHG109', 'VHG110', 'VHG114', 'VHG120', 'VHG203', 'VHG209'];

/** The small report that the goldens show: fail, warn, info, repaired, exempt, unknown, a crash of a rule, and a file that does not parse. */
export function smallReport(): Report {
  return reportOnFiles(INPUT, { rules: [...RULES.filter(({ meta }) => CHOSEN.includes(meta.id)), CRASHING] });
}

const [FIRST] = RULES;
if (FIRST === undefined) throw new Error('there are no rules');

const CRASHING: AnyRule = {
  meta: { ...FIRST.meta, id: 'VHG999', name: 'require-luck', title: 'Require luck', targets: ['network'] },
  // biome-ignore lint/correctness/useYield: a rule is a generator, and this one never gets so far
  *check() {
    throw new Error('out of luck');
  },
};

/** A rule that says `message` of every object, and what it can do about it. */
export function complaining(message: string, id: `VHG${number}` = 'VHG998'): AnyRule {
  return {
    meta: { ...(FIRST as AnyRule).meta, id, name: 'forbid-everything', targets: ['workload', 'network', 'pod'] },
    *check() {
      yield { path: ['metadata', 'name'], message };
    },
  };
}
