import { applyEdits } from '../core/apply-edits.ts';
import type { JsonObject } from '../core/json.ts';
import { createPatch, type Operation } from '../core/patch.ts';
import type { Subject } from '../core/subject.ts';
import { type EngineContext, type Evaluation, evaluate } from './evaluate.ts';
import type { Finding, Fix } from './finding.ts';

/** What repairing an object came to. */
export interface Repair {
  /** The repaired object; the same reference when nothing was repaired. */
  readonly object: JsonObject;
  /** RFC 6902, from the object as it was to the repaired one; empty when nothing was repaired. */
  readonly patch: readonly Operation[];
  /** The findings whose fixes were applied, in that order. */
  readonly repaired: readonly Finding[];
  /** What the rules said of the object as it was. */
  readonly before: Evaluation;
  /** What they say of the repaired object. */
  readonly after: Evaluation;
}

/** A fix may bring the next rule into play; no chain of fixes is longer than this. */
const MOST_PASSES = 5;

/**
 * Applies the fixes of findings until none is left. Exempt findings, and those that an UPDATE did not bring, stay.
 *
 * @param safeties which fixes: admission applies the safe ones only.
 */
export function repair(subject: Subject, context: EngineContext, safeties: readonly Fix['safety'][] = ['safe']): Repair {
  const before = evaluate(subject, context);
  const repaired: Finding[] = [];
  let object = subject.object;
  let after = before;
  for (let pass = 0; pass < MOST_PASSES; pass += 1) {
    const repairable = after.findings.filter((finding) => isRepairable(finding, safeties));
    if (repairable.length === 0) break;
    object = applyEdits(
      object,
      repairable.flatMap((finding) => finding.fix?.edits ?? []),
    ) as JsonObject;
    repaired.push(...repairable);
    after = evaluate({ ...subject, object }, context);
  }
  return {
    object,
    patch: createPatch(subject.object, object),
    repaired,
    before,
    after,
  };
}

function isRepairable({ fix, status, isOld }: Finding, safeties: readonly Fix['safety'][]): boolean {
  return fix !== undefined && !isOld && (status === 'fail' || status === 'warn') && safeties.includes(fix.safety);
}
