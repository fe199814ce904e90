import type { Settings } from '../core/settings.ts';
import type { Inventory } from '../kube/inventory.ts';
import type { View, ViewOf, ViewTarget } from '../kube/view.ts';
import type { Finding, Fix, RuleId, Severity, Unknown, Violation } from './finding.ts';

/**
 * An executed example: a line of one of the documents in `deploy/examples`, as it stands there (`good`) and as this rule
 * complains about it (`bad`). A test replaces the one by the other and expects exactly this rule, once.
 */
export interface RuleExample {
  readonly file: string;
  readonly good: string;
  readonly bad: string;
}

/** The one source of documentation, `explain`, SARIF, RBAC and the webhook configuration for a rule. */
export interface RuleMeta<T extends ViewTarget = ViewTarget> {
  /** For ever; a retired id is never used again. */
  readonly id: RuleId;
  /** File name, documentation anchor, and accepted wherever an id is. */
  readonly name: string;
  /** "Require ...", "Forbid ..." or "Prefer ...", one line, no full stop. */
  readonly title: string;
  /** What breaks at run time, in Markdown. */
  readonly why: string;
  /** What to change, in Markdown. */
  readonly remedy: string;
  readonly severity: Severity;
  readonly targets: readonly T[];
  /** Look-ups that the rule may make: RBAC and the "works offline" column. */
  readonly needs: readonly (keyof Inventory)[];
  readonly fix: Fix['safety'] | 'none';
  readonly since: string;
  /** What proves `why`: an upstream file, specification or issue. */
  readonly sources: readonly string[];
  /** When the rule could be wrong, in one sentence. */
  readonly falsePositives: string;
  readonly example: RuleExample;
}

/** What a rule may know besides the object. Both are read-only and do not change during an evaluation. */
export interface RuleContext {
  readonly inventory: Inventory;
  readonly settings: Settings;
  /** Every rule of this evaluation. */
  readonly catalogue: readonly AnyRule[];
  /** What the rules before this one found in the same object. */
  readonly earlier: readonly Finding[];
}

/** One named requirement: metadata, and a pure generator of what breaks it. */
export interface Rule<T extends ViewTarget = ViewTarget> {
  readonly meta: RuleMeta<T>;
  check(view: ViewOf<T>, context: RuleContext): Iterable<Violation | Unknown>;
}

/** A rule as the engine holds it, whatever its targets. */
export interface AnyRule {
  readonly meta: RuleMeta;
  check(view: View, context: RuleContext): Iterable<Violation | Unknown>;
}

/** Gives a rule its types; does nothing at run time. */
export function defineRule<const T extends ViewTarget>(rule: Rule<T>): Rule<T> {
  return rule;
}
