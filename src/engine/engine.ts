import type { Subject } from '../core/subject.ts';
import { type EngineContext, type Evaluation, evaluate } from './evaluate.ts';
import type { Fix } from './finding.ts';
import { type Judgement, judge, judgeAsWritten } from './judge.ts';
import { type Repair, repair } from './repair.ts';

/** Rules, settings and inventory bound together: what a door holds. */
export interface Engine {
  readonly context: EngineContext;
  evaluate(subject: Subject): Evaluation;
  repair(subject: Subject, safeties?: readonly Fix['safety'][]): Repair;
  judge(subject: Subject): Judgement;
  judgeAsWritten(subject: Subject): Judgement;
}

export function createEngine(context: EngineContext): Engine {
  return {
    context,
    evaluate: (subject) => evaluate(subject, context),
    repair: (subject, safeties) => repair(subject, context, safeties),
    judge: (subject) => judge(subject, context),
    judgeAsWritten: (subject) => judgeAsWritten(subject, context),
  };
}
