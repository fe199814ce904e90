import { compareText } from '../core/compare-text.ts';
import { toFieldPath } from '../core/path.ts';
import type { Finding, Severity } from '../engine/finding.ts';
import { fingerprint } from './fingerprint.ts';
import type { ObjectReference } from './report.ts';

/** What a policy report is made of, whatever its API: the outcome of all rules on one object. */
export interface SubjectOutcome {
  readonly object: ObjectReference;
  /** How many rules found nothing. */
  readonly passed: number;
  readonly findings: readonly Finding[];
}

type ResultStatus = 'pass' | 'fail' | 'warn' | 'error' | 'skip';

/** One entry of `results`; OpenReports and wgpolicyk8s have the same. */
export interface PolicyResult {
  readonly policy: string;
  readonly rule: string;
  readonly category?: string;
  readonly severity: 'high' | 'medium' | 'info';
  readonly result: ResultStatus;
  readonly scored: boolean;
  readonly message: string;
  readonly properties?: Readonly<Record<string, string>>;
}

/**
 * Most results of a report. etcd refuses objects over 1.5 MB; with the longest message a report stays below 300 kB.
 */
export const MOST_RESULTS = 100;
const LONGEST_TEXT = 1024;

const SEVERITIES = { error: 'high', warning: 'medium', info: 'info' } as const satisfies Record<Severity, PolicyResult['severity']>;
const WORST_FIRST: readonly ResultStatus[] = ['fail', 'error', 'warn', 'skip', 'pass'];

/** The findings as results in a fixed order; of too many the worst, and an entry that tells how many more there are. */
export function toResults(findings: readonly Finding[], most: number): PolicyResult[] {
  const all = findings.map(toResult).sort(compareResults);
  if (all.length <= most) return all;
  const rank = ({ result }: PolicyResult): number => WORST_FIRST.indexOf(result);
  const worst = all.toSorted((a, b) => rank(a) - rank(b)).slice(0, most - 1);
  return [...worst.sort(compareResults), moreResults(all.length - worst.length)];
}

function toResult(finding: Finding): PolicyResult {
  const { rule, name, severity, message, repaired } = finding;
  const result = statusOf(finding);
  const properties = propertiesOf(finding);
  return {
    policy: rule,
    rule: name,
    category: 'vhost-user',
    severity: SEVERITIES[severity],
    result,
    scored: result !== 'warn',
    message: shorten(repaired ? `${message} (repaired by admission)` : message),
    ...(Object.keys(properties).length === 0 ? {} : { properties }),
  };
}

/** What admission repairs is not in the object that it lets in. */
function statusOf({ status, repaired }: Finding): ResultStatus {
  return repaired && status !== 'error' ? 'pass' : status;
}

function propertiesOf({ path, fix, reason, message, exemptedBy }: Finding): Record<string, string> {
  return {
    ...(path.length === 0 ? {} : { field: shorten(toFieldPath(path)) }),
    ...(fix === undefined ? {} : { fix: `${fix.safety}: ${shorten(fix.title)}` }),
    ...(reason === undefined || reason === message ? {} : { reason: shorten(reason) }),
    ...(exemptedBy === undefined ? {} : { exemptedBy }),
  };
}

function moreResults(count: number): PolicyResult {
  const message = `${count} more results are left out: vhostguard check shows them all`;
  return { policy: 'vhostguard', rule: 'more-results', severity: 'info', result: 'skip', scored: true, message };
}

function compareResults(a: PolicyResult, b: PolicyResult): number {
  return (
    compareText(a.policy, b.policy) ||
    compareText(a.properties?.['field'] ?? '', b.properties?.['field'] ?? '') ||
    compareText(a.message, b.message)
  );
}

function shorten(text: string): string {
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT - 1)}…`;
}

/** The counts of all results, of those too that were left out. */
export function toSummary({ passed, findings }: SubjectOutcome): Record<ResultStatus, number> {
  const counts = { pass: passed, fail: 0, warn: 0, error: 0, skip: 0 };
  for (const finding of findings) counts[statusOf(finding)] += 1;
  return counts;
}

/** The metadata of a policy report. */
export interface ReportMetadata {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly { readonly apiVersion: string; readonly kind: string; readonly name: string; readonly uid: string }[];
}

/** A policy report of either API. */
export interface PolicyReport {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ReportMetadata;
  readonly scope: ObjectReference;
  readonly summary: Readonly<Record<ResultStatus, number>>;
  readonly results: readonly PolicyResult[];
}

/** Named by the uid of the object and owned by it, so that it goes when the object goes; without one, named by kind and name. */
export function toMetadata({ apiVersion, kind, namespace, name, uid }: ObjectReference): ReportMetadata {
  const owner = uid === undefined ? {} : { ownerReferences: [{ apiVersion, kind, name, uid }] };
  return {
    name: uid ?? nameFor(apiVersion, kind, namespace, name),
    namespace,
    labels: { 'app.kubernetes.io/managed-by': 'vhostguard' },
    ...owner,
  };
}

/** Longest part of a name that stays readable: a name may have 253 characters with the hash behind it. */
const LONGEST_NAME = 200;

function nameFor(...identity: readonly [apiVersion: string, kind: string, namespace: string, name: string]): string {
  const [apiVersion, kind, namespace, name] = identity;
  const readable = `${kind}-${name}`
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, LONGEST_NAME)
    .replace(/^-+|-+$/g, '');
  const group = apiVersion.replace(/\/.*/, '');
  return `${readable === '' ? 'object' : readable}-${fingerprint(group, kind, namespace, name)}`;
}
