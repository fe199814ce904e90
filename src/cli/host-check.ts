import { createEngine } from '../engine/engine.ts';
import { MemoryInventory } from '../kube/memory-inventory.ts';
import { renderManifest } from '../manifest/rendered.ts';
import { RULES } from '../rules/index.ts';
import { createReportBuilder, type ReportOptions, writeReport } from './check-report.ts';
import { configurationFrom, dayOf } from './configuration.ts';
import { type HostFlags, snapshotOf } from './host-snapshot.ts';
import type { CommandIo, ExitCode } from './io.ts';
import { reportFile } from './report-file.ts';

export interface HostCheckOptions extends ReportOptions {
  readonly host: HostFlags;
  /** A configuration file. */
  readonly config?: string | undefined;
}

/** The file that findings are in: the snapshot, which nobody wrote down. */
const SNAPSHOT_NAME = '<host>';

/**
 * `vhostguard host check`: what `check` says of the snapshot that `host snapshot` would write now. The exemptions of the configuration
 * that nothing here needs are meant for other objects.
 *
 * @throws AppError USAGE, CONFIG_INVALID, INPUT_UNREADABLE, OUTPUT_UNWRITABLE
 */
export async function hostCheck(options: HostCheckOptions, io: CommandIo): Promise<ExitCode> {
  const { settings } = await configurationFrom(options.config);
  // As JSON: with 200 ports, writing and reading YAML would cost more than all the rest.
  const manifest = renderManifest({ ...(await snapshotOf(options.host, io)) }, SNAPSHOT_NAME);
  const inventory = new MemoryInventory({ isComplete: false, description: 'this host', defaultNamespace: '' });
  const engine = createEngine({ rules: RULES, inventory, settings, today: dayOf(io.now()) });
  const builder = createReportBuilder(options);
  const content = { manifests: [manifest], errors: [] };
  reportFile({ state: 'read', name: SNAPSHOT_NAME, text: manifest.lines.text, content }, builder, engine, { namespace: '', repairs: true });
  return writeReport(builder.build(), options, io);
}
