import type { Settings } from '../core/settings.ts';
import type { Inventory } from '../kube/inventory.ts';
import type { ViewTarget } from '../kube/view.ts';
import type { Fix } from './finding.ts';
import type { AnyRule } from './rule.ts';

/** Everything besides the object that decides its evaluation. */
export interface EngineContext {
  readonly rules: readonly AnyRule[];
  readonly inventory: Inventory;
  readonly settings: Settings;
  /** `YYYY-MM-DD`, UTC: when exemptions expire. */
  readonly today: string;
}

/** The rules that judge each kind of view, in the order of evaluation. */
export type RulesByTarget = Readonly<Record<ViewTarget, readonly AnyRule[]>>;

/** A context with what is the same for every object worked out once. */
export interface Plan extends EngineContext {
  /** Every rule that the settings do not turn off. */
  readonly all: RulesByTarget;
  /** Of those, the ones that may yield a fix of that safety: repairing asks no others. */
  readonly fixing: Readonly<Record<Fix['safety'], RulesByTarget>>;
}

export function createPlan(context: EngineContext): Plan {
  const active = context.rules.filter(({ meta }) => context.settings.rules[meta.id] !== 'off');
  return {
    ...context,
    all: byTarget(active),
    fixing: {
      safe: byTarget(active.filter(({ meta }) => meta.fix === 'safe')),
      unsafe: byTarget(active.filter(({ meta }) => meta.fix !== 'none')),
    },
  };
}

function byTarget(rules: readonly AnyRule[]): RulesByTarget {
  const judging = (target: ViewTarget): readonly AnyRule[] => rules.filter(({ meta }) => meta.targets.includes(target));
  return {
    workload: judging('workload'),
    preset: judging('preset'),
    network: judging('network'),
    pod: judging('pod'),
    host: judging('host'),
    unreadable: judging('unreadable'),
  };
}
