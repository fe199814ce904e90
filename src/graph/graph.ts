import type { RuleId } from '../engine/finding.ts';

/** The columns of the picture, left to right. */
export const COLUMNS = ['workload', 'interface', 'network', 'bridge', 'placement'] as const;
export type Column = (typeof COLUMNS)[number];

/** How a finding counts for whoever looks at the picture, worst first. `repaired`: admission mends it unasked. */
export const LEVELS = ['error', 'warning', 'info', 'repaired', 'skipped'] as const;
export type Level = (typeof LEVELS)[number];

/** A finding as it is painted. */
export interface Mark {
  readonly rule: RuleId;
  readonly name: string;
  readonly level: Level;
  readonly message: string;
  /** The path of the value, as Kubernetes messages have it. */
  readonly field: string;
  /** The judged object: kind, namespace and name. */
  readonly object: string;
  readonly file: string;
  /** Counts from 1. */
  readonly line: number;
}

/** `doubtful` works until something restarts; `unknown` depends on an object that is not there to look at. */
export type Condition = 'sound' | 'doubtful' | 'broken' | 'unknown';

/** A thing in the picture. All text is as the user wrote it: escape it where it goes. */
export interface GraphNode {
  /** A letter and digits; the same input gives the same ids. */
  readonly id: string;
  readonly column: Column;
  readonly kind: string;
  readonly name: string;
  readonly details: readonly string[];
  readonly condition: Condition;
  readonly marks: readonly Mark[];
}

/** A connection of two neighbours. A wire is a half of the vhost-user socket and has the mode of one end on it. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly condition: Condition;
  readonly end?: { readonly text: string; readonly at: 'from' | 'to' };
  /** What the condition means here; empty where there is nothing to say. */
  readonly note: string;
}

/** What is drawn. A chain is the way of one NIC: ids of nodes, left to right. */
export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  readonly chains: readonly (readonly string[])[];
}

/** A picture as text that ends in a newline. */
export type Drawing = (graph: Graph) => string;

/** All findings of the picture, in order of file, line and rule. */
export function marksOf({ nodes }: Graph): { readonly mark: Mark; readonly node: GraphNode }[] {
  const marks = nodes.flatMap((node) => node.marks.map((mark) => ({ mark, node })));
  return marks.toSorted(
    ({ mark: a }, { mark: b }) =>
      compareText(a.file, b.file) || a.line - b.line || compareText(a.rule, b.rule) || compareText(a.message, b.message),
  );
}

/** The worst level among marks; `undefined` without any. */
export function worstLevel(marks: readonly Mark[]): Level | undefined {
  return LEVELS.find((level) => marks.some((mark) => mark.level === level));
}

/** The most in one picture that people tell apart: marks of one rule and level are one, counted. */
export function groupMarks(marks: readonly Mark[]): { readonly rule: RuleId; readonly level: Level; readonly marks: readonly Mark[] }[] {
  return LEVELS.flatMap((level) => {
    const own = marks.filter((mark) => mark.level === level);
    const rules = [...new Set(own.map(({ rule }) => rule))].sort();
    return rules.map((rule) => ({ rule, level, marks: own.filter((mark) => mark.rule === rule) }));
  });
}

/** Order by code unit: the same on every machine, whatever its locale. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
