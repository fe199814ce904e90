import type { Subject } from '../core/subject.ts';
import { type Evaluation, evaluate } from './evaluate.ts';
import type { Fix } from './finding.ts';
import { type Judgement, judge, judgeAsWritten } from './judge.ts';
import { createPlan, type EngineContext } from './plan.ts';
import { type Repair, repair } from './repair.ts';

/** Rules, settings and inventory bound together: what a door holds. */
export interface Engine {
  readonly context: EngineContext;
  evaluate(subject: Subject): Evaluation;
  repair(subject: Subject, safety?: Fix['safety']): Repair;
  judge(subject: Subject): Judgement;
  judgeAsWritten(subject: Subject): Judgement;
}

export function createEngine(context: EngineContext): Engine {
  const plan = createPlan(context);
  return {
    context,
    evaluate: (subject) => evaluate(subject, plan),
    repair: (subject, safety = 'safe') => repair(subject, plan, { safety }),
    judge: (subject) => judge(subject, plan),
    judgeAsWritten: (subject) => judgeAsWritten(subject, plan),
  };
}
