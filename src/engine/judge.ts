import type { Subject } from '../core/subject.ts';
import { decide, type Verdict } from './decide.ts';
import { type Evaluation, evaluate } from './evaluate.ts';
import { type Finding, keyOf } from './finding.ts';
import type { Plan } from './plan.ts';
import { type Repair, repair } from './repair.ts';

/** What admission would do with an object: repair it, then judge what is left. */
export interface Judgement extends Repair, Evaluation {
  /** Everything found in the object as the user wrote it; `repaired` tells what admission mends. */
  readonly findings: readonly Finding[];
  readonly verdict: Verdict;
}

/** The one pipeline behind `check`, scans and, in its two halves, the webhooks. */
export function judge(subject: Subject, plan: Plan): Judgement {
  const before = evaluate(subject, plan);
  const repairs = repair(subject, plan, before);
  if (repairs.object === subject.object) return { ...before, ...repairs, verdict: decide(before) };
  const after = evaluate({ ...subject, object: repairs.object }, plan);
  return { ...before, ...repairs, findings: compare(before.findings, after.findings), verdict: decide(after) };
}

/** Judges the object as it stands, as the validating webhook does. */
export function judgeAsWritten(subject: Subject, plan: Plan): Judgement {
  const evaluation = evaluate(subject, plan);
  return { ...evaluation, object: subject.object, patch: [], repaired: [], verdict: decide(evaluation) };
}

/** What was found before, marked where it is gone afterwards, and what only the repairs brought to light. */
function compare(before: readonly Finding[], after: readonly Finding[]): readonly Finding[] {
  const left = new Set(after.map(keyOf));
  const known = new Set(before.map(keyOf));
  const marked = before.map((finding) => (left.has(keyOf(finding)) ? finding : { ...finding, repaired: true }));
  return [...marked, ...after.filter((finding) => !known.has(keyOf(finding)))];
}
