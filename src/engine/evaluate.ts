import { describeError } from '../core/errors.ts';
import type { Settings } from '../core/settings.ts';
import type { Subject } from '../core/subject.ts';
import type { Inventory } from '../kube/inventory.ts';
import { readView, type View } from '../kube/view.ts';
import { type ExemptionMatch, findExemption, readAnnotationExemptions } from './exemption.ts';
import { type Finding, keyOf, type RuleId, type Unknown, type Violation } from './finding.ts';
import type { Plan, RulesByTarget } from './plan.ts';
import type { AnyRule, RuleContext, RuleMeta } from './rule.ts';

/** Everything besides the object that decides its evaluation. */
export interface EngineContext {
  readonly rules: readonly AnyRule[];
  readonly inventory: Inventory;
  readonly settings: Settings;
  /** `YYYY-MM-DD`, UTC: when exemptions expire. */
  readonly today: string;
}

/** What the rules say of one object. An object out of scope has neither findings nor passes. */
export interface Evaluation {
  readonly inScope: boolean;
  readonly findings: readonly Finding[];
  /** The rules that found nothing. */
  readonly passed: readonly RuleId[];
}

const OUT_OF_SCOPE: Evaluation = { inScope: false, findings: [], passed: [] };

/**
 * Judges an object as it stands. Pure, and it never throws: a rule that crashes becomes a finding with status `error`.
 * On UPDATE what the old object had too (same rule, same path) only warns, so that finalizers and labels always pass.
 */
export function evaluate(subject: Subject, plan: Plan, rules: RulesByTarget = plan.all): Evaluation {
  const { settings, inventory } = plan;
  if (settings.namespaces.exclude.includes(subject.namespace)) return OUT_OF_SCOPE;
  const view = readView(subject, inventory, settings);
  if (view === undefined || !view.inScope) return OUT_OF_SCOPE;
  const annotations = readAnnotationExemptions(view);
  const findings: Finding[] = [];
  const passed: RuleId[] = [];
  const context: RuleContext = { inventory, settings, catalogue: plan.rules, earlier: findings };
  for (const rule of rules[view.target]) {
    const own = run(rule, view, context);
    if (own.length === 0) {
      passed.push(rule.meta.id);
      continue;
    }
    const exemption = findExemption(rule.meta, subject, annotations, settings, plan.today);
    for (const finding of own) findings.push(enforce(finding, exemption, settings));
  }
  return { inScope: true, findings: ratchet(findings, subject, plan, rules), passed };
}

const NOTHING: readonly Finding[] = [];

function run(rule: AnyRule, view: View, context: RuleContext): readonly Finding[] {
  let findings: Finding[] | undefined;
  try {
    for (const result of rule.check(view, context)) {
      findings ??= [];
      findings.push(toFinding(rule.meta, result));
    }
  } catch (thrown) {
    const violation = { path: [], message: `rule ${rule.meta.id} failed: ${describeError(thrown)}` };
    return [...(findings ?? NOTHING), { ...toFinding(rule.meta, violation), status: 'error' }];
  }
  return findings ?? NOTHING;
}

function toFinding({ id, name, severity }: RuleMeta, result: Violation | Unknown): Finding {
  const base = { rule: id, name, severity, repaired: false, isOld: false };
  if (!('unknown' in result)) return { ...base, isUnknown: false, status: 'fail', ...result };
  const { path, unknown } = result;
  return { ...base, isUnknown: true, status: 'skip', path, message: unknown, reason: unknown };
}

/**
 * | severity | exempt | deny | warn | dryrun |
 * |---|---|---|---|---|
 * | error | skip | fail | warn | skip |
 * | warning, info | skip | warn | warn | skip |
 */
function enforce(finding: Finding, exemption: ExemptionMatch | undefined, settings: Settings): Finding {
  if (finding.status !== 'fail') return finding;
  if (exemption?.isValid) return { ...finding, status: 'skip', reason: exemption.reason, exemptedBy: exemption.origin };
  if (exemption !== undefined) return enforce({ ...finding, reason: exemption.reason }, undefined, settings);
  const enforcement = settings.rules[finding.rule] ?? settings.enforcement;
  if (enforcement === 'dryrun') return { ...finding, status: 'skip', reason: 'enforcement is dryrun' };
  if (finding.severity !== 'error') return { ...finding, status: 'warn' };
  return enforcement === 'warn' ? { ...finding, status: 'warn', reason: 'enforcement is warn' } : finding;
}

function ratchet(findings: readonly Finding[], subject: Subject, plan: Plan, rules: RulesByTarget): readonly Finding[] {
  const { oldObject, operation } = subject;
  if (operation !== 'UPDATE' || oldObject === undefined || findings.length === 0) return findings;
  const before = evaluate({ ...subject, object: oldObject, operation: 'CREATE' }, plan, rules);
  const known = new Set(before.findings.map(keyOf));
  return findings.map((finding) => {
    if (!known.has(keyOf(finding))) return finding;
    if (finding.status !== 'fail') return { ...finding, isOld: true };
    return { ...finding, isOld: true, status: 'warn', reason: 'the object had this before the update' };
  });
}
