import type { Resource } from '../cluster/resources.ts';
import type { JsonObject } from '../core/json.ts';
import { valueAt } from '../core/path.ts';
import type { Settings } from '../core/settings.ts';
import type { Subject } from '../core/subject.ts';
import type { Evaluation } from '../engine/evaluate.ts';
import { fingerprint } from '../report/fingerprint.ts';
import { toOpenReport } from '../report/openreports.ts';
import { MOST_RESULTS, type PolicyReport, type SubjectOutcome } from '../report/policy-result.ts';
import { toPolicyReport } from '../report/wgpolicy.ts';

/** An API of policy reports: where its reports lie, and what they look like. */
export interface ReportApi {
  readonly resource: Resource;
  readonly toReport: (outcome: SubjectOutcome, mostResults: number) => PolicyReport;
}

export const REPORT_APIS: Readonly<Record<Settings['reports']['api'], ReportApi>> = {
  openreports: {
    resource: { group: 'openreports.io', version: 'v1alpha1', kind: 'Report', plural: 'reports' },
    toReport: toOpenReport,
  },
  wgpolicyk8s: {
    resource: { group: 'wgpolicyk8s.io', version: 'v1alpha2', kind: 'PolicyReport', plural: 'policyreports' },
    toReport: toPolicyReport,
  },
};

/** The annotation that tells a report's content from another, and the controller's reports from those that a user applied. */
export const CONTENT_HASH = 'vhostguard.dev/content-hash';

/** The report that a subject must have. */
export interface WantedReport {
  readonly outcome: SubjectOutcome;
  /** The name of the report: the uid of its subject. */
  readonly name: string;
  /** Of all that the report says; the same for the same outcome, at any time. */
  readonly hash: string;
}

/** The report that an evaluation asks for; `undefined` for a subject out of scope. */
export function wantedReport(subject: Subject, { inScope, passed, findings }: Evaluation): WantedReport | undefined {
  if (!inScope) return undefined;
  const { apiVersion, kind, namespace, name } = subject;
  const uid = valueAt(subject.object, ['metadata', 'uid']);
  const object = { apiVersion, kind, namespace, name, ...(typeof uid === 'string' ? { uid } : {}) };
  const outcome = { object, passed: passed.length, findings };
  const { metadata, summary, results } = toOpenReport(outcome);
  return { outcome, name: metadata.name, hash: fingerprint(JSON.stringify([object, summary, results])) };
}

/** A report with its content hash, as the API server is to keep it. @param mostResults fewer than usual, where that was too large. */
export function renderReport(wanted: WantedReport, api: ReportApi, mostResults = MOST_RESULTS): JsonObject {
  const report = api.toReport(wanted.outcome, mostResults);
  return { ...report, metadata: { ...report.metadata, annotations: { [CONTENT_HASH]: wanted.hash } } };
}

/** The ids of the rules that fail, each once, in the order of ids. */
export function failingRules({ outcome }: WantedReport): string[] {
  return [...new Set(outcome.findings.filter(({ status }) => status === 'fail').map(({ rule }) => rule))].sort();
}
