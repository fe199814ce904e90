import { type Path, toFieldPath } from '../core/path.ts';
import type { Subject } from '../core/subject.ts';
import type { Finding } from '../engine/finding.ts';
import type { Level, Mark } from './graph.ts';

/** A judged object, with its findings and where they stand. */
export interface JudgedObject {
  readonly subject: Subject;
  readonly findings: readonly Finding[];
  readonly locate: (finding: Finding) => { readonly file: string; readonly line: number };
}

/** A part of an object that has a node of its own. */
export interface Spot {
  readonly path: Path;
  readonly node: string;
}

/** Kind, namespace and name, for people. */
function describeObject({ kind, namespace, name }: Subject): string {
  return `${kind} ${namespace}/${name}`;
}

/** A finding as it is painted. */
export function markOf(finding: Finding, { subject, locate }: JudgedObject): Mark {
  const { rule, name, path, message, reason } = finding;
  const { file, line } = locate(finding);
  const text = reason === undefined || reason === message ? message : `${message} (${reason})`;
  return { rule, name, level: levelOf(finding), message: text, field: toFieldPath(path), object: describeObject(subject), file, line };
}

function levelOf({ status, severity, repaired }: Finding): Level {
  if (repaired) return 'repaired';
  if (status === 'skip') return 'skipped';
  if (status === 'error') return 'error';
  return status === 'warn' && severity === 'error' ? 'warning' : severity;
}

/** The node of the part that a path leads into; `whole` where no part has one. */
export function nodeAt(path: Path, spots: readonly Spot[], whole: string): string {
  return spots.find((spot) => spot.path.every((key, index) => path[index] === key))?.node ?? whole;
}
