import type { Subject } from '../core/subject.ts';
import { decide, type Verdict } from './decide.ts';
import type { EngineContext } from './evaluate.ts';
import { type Finding, keyOf } from './finding.ts';
import { type Repair, repair } from './repair.ts';

/** What admission would do with an object: repair it, then judge what is left. */
export interface Judgement extends Repair {
  readonly inScope: boolean;
  readonly passed: number;
  /** Everything found in the object as the user wrote it; `repaired` tells what admission mends. */
  readonly findings: readonly Finding[];
  readonly verdict: Verdict;
}

/** The one pipeline behind `check`, scans and, in its two halves, the webhooks. */
export function judge(subject: Subject, context: EngineContext): Judgement {
  const repairs = repair(subject, context);
  const { before, after } = repairs;
  const judgement = {
    ...repairs,
    inScope: before.inScope,
    passed: before.passed,
    verdict: decide(after),
  };
  if (before === after) return { ...judgement, findings: before.findings };
  const left = new Set(after.findings.map(keyOf));
  const known = new Set(before.findings.map(keyOf));
  const mended = before.findings.map((finding) => (left.has(keyOf(finding)) ? finding : { ...finding, repaired: true }));
  return {
    ...judgement,
    findings: [...mended, ...after.findings.filter((finding) => !known.has(keyOf(finding)))],
  };
}

/** Judges the object as it stands, as the validating webhook does. */
export function judgeAsWritten(subject: Subject, context: EngineContext): Judgement {
  const { before } = repair(subject, context, []);
  const { findings, inScope, passed } = before;
  return {
    object: subject.object,
    patch: [],
    repaired: [],
    before,
    after: before,
    inScope,
    passed,
    findings,
    verdict: decide(before),
  };
}
