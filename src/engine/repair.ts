import { applyEdits } from '../core/apply-edits.ts';
import type { JsonObject } from '../core/json.ts';
import { createPatch, type Operation } from '../core/patch.ts';
import type { Subject } from '../core/subject.ts';
import { evaluate } from './evaluate.ts';
import type { Finding, Fix } from './finding.ts';
import type { Plan } from './plan.ts';

/** What repairing an object came to. */
export interface Repair {
  /** The repaired object; the same reference when nothing was repaired. */
  readonly object: JsonObject;
  /** RFC 6902, from the object as it was to the repaired one; empty when nothing was repaired. */
  readonly patch: readonly Operation[];
  /** The findings whose fixes were applied, in that order. */
  readonly repaired: readonly Finding[];
}

/** A fix may bring the next rule into play; no chain of fixes is longer than this. */
const MOST_PASSES = 5;

export interface RepairOptions {
  /** `safe`, the default, is what admission applies; `unsafe` applies both kinds. */
  readonly safety?: Fix['safety'];
  /** What is known to be in the object, of these rules at least; found out otherwise. */
  readonly findings?: readonly Finding[];
}

/** Applies the fixes of findings until none is left. Exempt findings, and those that an UPDATE did not bring, stay. */
export function repair(subject: Subject, plan: Plan, { safety = 'safe', findings }: RepairOptions = {}): Repair {
  const repaired: Finding[] = [];
  let object = subject.object;
  let found = findings ?? evaluate(subject, plan, plan.fixing[safety]).findings;
  for (let pass = 0; pass < MOST_PASSES; pass += 1) {
    const repairable = found.filter((finding) => isRepairable(finding, safety));
    if (repairable.length === 0) break;
    object = applyEdits(
      object,
      repairable.flatMap(({ fix }) => fix?.edits ?? []),
    ) as JsonObject;
    repaired.push(...repairable);
    found = evaluate({ ...subject, object }, plan, plan.fixing[safety]).findings;
  }
  return { object, patch: createPatch(subject.object, object), repaired };
}

function isRepairable({ fix, status, isOld }: Finding, safety: Fix['safety']): boolean {
  if (fix === undefined || isOld || (status !== 'fail' && status !== 'warn')) return false;
  return fix.safety === 'safe' || safety === 'unsafe';
}
