import { listPages } from '../cluster/list.ts';
import type { Send } from '../cluster/writes.ts';
import type { JsonObject } from '../core/json.ts';
import { type KnownReport, readReport } from './report-plan.ts';
import type { ReportApi } from './report-wanted.ts';
import type { SubjectKey } from './scan-subjects.ts';

/** The controller's reports in the cluster by subject, or why there are none. */
export type KnownReports =
  | { readonly state: 'listed'; readonly reports: ReadonlyMap<SubjectKey, readonly KnownReport[]> }
  | { readonly state: 'not-installed' | 'forbidden' };

/** Reads which reports the cluster holds; of each only what tells whether it is right. @throws AppError CLUSTER_UNREACHABLE */
export async function readKnownReports({ resource }: ReportApi, send: Send): Promise<KnownReports> {
  const reports = new Map<SubjectKey, KnownReport[]>();
  const ours = { ...resource, labelSelector: 'app.kubernetes.io/managed-by=vhostguard' };
  const onPage = (objects: readonly JsonObject[]): void => {
    for (const object of objects) {
      const report = readReport(object);
      if (report === undefined) continue;
      const known = reports.get(report.key);
      if (known === undefined) reports.set(report.key, [report.known]);
      else known.push(report.known);
    }
  };
  const listing = await listPages(ours, (path) => send('GET', path), { onPage });
  // What the pages before held is true all the same; the rest is found to exist when it is written.
  if (listing.state === 'listed' || listing.state === 'expired') return { state: 'listed', reports };
  return { state: listing.state };
}
