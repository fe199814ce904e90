import { formatPolicyReports } from './policy-documents.ts';
import { MOST_RESULTS, type PolicyReport, type SubjectOutcome, toMetadata, toResults, toSummary } from './policy-result.ts';
import type { Format } from './report.ts';

/** A PolicyReport of `wgpolicyk8s.io/v1alpha2`, which came before OpenReports: the same for the same outcome, without a time. */
export function toPolicyReport(outcome: SubjectOutcome, mostResults = MOST_RESULTS): PolicyReport {
  return {
    apiVersion: 'wgpolicyk8s.io/v1alpha2',
    kind: 'PolicyReport',
    metadata: toMetadata(outcome.object),
    scope: outcome.object,
    summary: toSummary(outcome),
    results: toResults(outcome.findings, mostResults).map((result) => ({ source: 'vhostguard', ...result })),
  };
}

/** A PolicyReport for each object with a vhost-user NIC, ready for `kubectl apply`. */
export const formatWgPolicy: Format = (report) => formatPolicyReports(report, toPolicyReport);
