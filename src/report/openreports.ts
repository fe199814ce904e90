import { formatPolicyReports } from './policy-documents.ts';
import { MOST_RESULTS, type PolicyReport, type SubjectOutcome, toMetadata, toResults, toSummary } from './policy-result.ts';
import type { Format } from './report.ts';

interface OpenReport extends PolicyReport {
  readonly source: string;
  readonly configuration: { readonly limits: { readonly maxResults: number } };
}

/** A Report of `openreports.io/v1alpha1`: the same for the same outcome, without a time. @see https://openreports.io */
export function toOpenReport(outcome: SubjectOutcome, mostResults = MOST_RESULTS): OpenReport {
  return {
    apiVersion: 'openreports.io/v1alpha1',
    kind: 'Report',
    metadata: toMetadata(outcome.object),
    source: 'vhostguard',
    scope: outcome.object,
    configuration: { limits: { maxResults: mostResults } },
    summary: toSummary(outcome),
    results: toResults(outcome.findings, mostResults),
  };
}

/** A Report for each object with a vhost-user NIC, ready for `kubectl apply`. */
export const formatOpenReports: Format = (report) => formatPolicyReports(report, toOpenReport);
