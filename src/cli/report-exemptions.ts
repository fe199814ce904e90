import { basename } from 'node:path';
import { subjectOf } from '../core/subject.ts';
import type { Engine } from '../engine/engine.ts';
import { findStaleExemptions } from '../engine/stale-exemption.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { findingsIn } from '../report/findings-in.ts';
import type { ReportBuilder } from '../report/report-builder.ts';
import { forbidStaleExemption } from '../rules/VHG190-forbid-stale-exemption.ts';
import { placeOf } from './report-file.ts';

/** Adds to a report what the findings in it say of the exemptions in the configuration: those that expired, those that nothing needs. */
export function reportExemptions(configuration: Manifest, builder: ReportBuilder, { context }: Engine): void {
  const { apiVersion, kind } = subjectOf(configuration.object, '');
  const findings = findStaleExemptions(forbidStaleExemption.meta, context, findingsIn(builder.build()));
  builder.addBeside({ apiVersion, kind, namespace: '', name: basename(configuration.file) }, findings, {
    file: configuration.file,
    locate: (finding) => placeOf(configuration, finding),
    replacementsFor: () => [],
  });
}
