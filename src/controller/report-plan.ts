import { isObject, type JsonObject } from '../core/json.ts';
import { valueAt } from '../core/path.ts';
import { CONTENT_HASH, type WantedReport } from './report-wanted.ts';
import { keyOfSubject, type SubjectKey } from './scan-subjects.ts';

/** A report of the controller's that the cluster holds, as far as it must be known to leave it alone. */
export interface KnownReport {
  readonly name: string;
  /** The hash that its annotation has. */
  readonly hash: string;
  /** The ids of the rules that fail in it. */
  readonly failing: readonly string[];
}

/** What makes the reports of one subject right. */
export interface ReportPlan {
  readonly write: 'create' | 'update' | undefined;
  /** Names of reports that must go. */
  readonly removals: readonly string[];
}

/**
 * | wanted | known | plan |
 * |---|---|---|
 * | report | none of that name | create |
 * | report | of that name, another hash | update |
 * | report | of that name and hash | nothing |
 * | any | of another name: an object of the same name that is gone | delete |
 * | none | any | delete |
 */
export function planReport(wanted: Pick<WantedReport, 'name' | 'hash'> | undefined, known: readonly KnownReport[]): ReportPlan {
  const current = known.find(({ name }) => name === wanted?.name);
  const removals = known.filter(({ name }) => name !== wanted?.name).map(({ name }) => name);
  if (wanted === undefined || wanted.hash === current?.hash) return { write: undefined, removals };
  return { write: current === undefined ? 'create' : 'update', removals };
}

/**
 * Which subject a report in the cluster is of; `undefined` for one that the controller did not write. One that names a subject of
 * another namespace is somebody's who may write reports in his own: it must not have the controller delete any over there.
 */
export function readReport(report: JsonObject): { readonly key: SubjectKey; readonly known: KnownReport } | undefined {
  const name = valueAt(report, ['metadata', 'name']);
  const hash = valueAt(report, ['metadata', 'annotations', CONTENT_HASH]);
  const { kind, namespace, name: subject } = isObject(report['scope']) ? report['scope'] : {};
  if (typeof name !== 'string' || typeof hash !== 'string') return undefined;
  if (typeof kind !== 'string' || typeof namespace !== 'string' || typeof subject !== 'string') return undefined;
  if (namespace !== valueAt(report, ['metadata', 'namespace'])) return undefined;
  return { key: keyOfSubject({ kind, namespace, name: subject }), known: { name, hash, failing: failingIn(report['results']) } };
}

function failingIn(results: unknown): string[] {
  if (!Array.isArray(results)) return [];
  const failing = results.filter((result) => isObject(result) && result['result'] === 'fail').map((result) => String(result.policy));
  return [...new Set(failing)].sort();
}
