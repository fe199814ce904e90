import { describeError } from '../core/errors.ts';
import type { Settings } from '../core/settings.ts';
import type { Subject } from '../core/subject.ts';
import type { Inventory } from '../kube/inventory.ts';
import { readView, type View } from '../kube/view.ts';
import { type ExemptionMatch, findExemption, readAnnotationExemptions } from './exemption.ts';
import { type Finding, keyOf } from './finding.ts';
import type { AnyRule, RuleContext } from './rule.ts';

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
  /** How many rules found nothing. */
  readonly passed: number;
}

const OUT_OF_SCOPE: Evaluation = { inScope: false, findings: [], passed: 0 };

/**
 * Judges an object as it stands. Pure, and it never throws: a rule that crashes becomes a finding with status `error`.
 * On UPDATE what the old object had too (same rule, same path) only warns, so that finalizers and labels always pass.
 */
export function evaluate(subject: Subject, context: EngineContext): Evaluation {
  const { settings, inventory, rules } = context;
  if (settings.namespaces.exclude.includes(subject.namespace)) return OUT_OF_SCOPE;
  const view = readView(subject, inventory, settings);
  if (view === undefined || !view.inScope) return OUT_OF_SCOPE;
  const annotations = readAnnotationExemptions(view);
  const findings: Finding[] = [];
  const ruleContext: RuleContext = {
    inventory,
    settings,
    catalogue: rules,
    earlier: findings,
  };
  let passed = 0;
  for (const rule of rules) {
    if (!rule.meta.targets.includes(view.target) || settings.rules[rule.meta.id] === 'off') continue;
    const exemption = findExemption(rule.meta, subject, annotations, settings, context.today);
    const own = run(rule, view, ruleContext).map((finding) => enforce(finding, exemption, settings));
    if (own.length === 0) passed += 1;
    findings.push(...own);
  }
  return {
    inScope: true,
    findings: ratchet(findings, subject, context),
    passed,
  };
}

function run(rule: AnyRule, view: View, context: RuleContext): Finding[] {
  const { id, name, severity } = rule.meta;
  const base = {
    rule: id,
    name,
    repaired: false,
    isOld: false,
    isUnknown: false,
  };
  const findings: Finding[] = [];
  try {
    for (const result of rule.check(view, context)) {
      if ('unknown' in result)
        findings.push({
          ...base,
          severity,
          status: 'skip',
          isUnknown: true,
          path: result.path,
          message: result.unknown,
          reason: result.unknown,
        });
      else findings.push({ ...base, severity, status: 'fail', ...result });
    }
  } catch (thrown) {
    findings.push({
      ...base,
      severity,
      status: 'error',
      path: [],
      message: `rule ${id} failed: ${describeError(thrown)}`,
    });
  }
  return findings;
}

/**
 * | severity | exempt | deny | warn | dryrun |
 * |---|---|---|---|---|
 * | error | skip | fail | warn | skip |
 * | warning, info | skip | warn | warn | skip |
 */
function enforce(finding: Finding, exemption: ExemptionMatch | undefined, settings: Settings): Finding {
  if (finding.status !== 'fail') return finding;
  if (exemption?.isValid) return { ...finding, status: 'skip', reason: exemption.reason };
  if (exemption !== undefined) return enforce({ ...finding, reason: exemption.reason }, undefined, settings);
  const enforcement = settings.rules[finding.rule] ?? settings.enforcement;
  if (enforcement === 'dryrun') return { ...finding, status: 'skip', reason: 'enforcement is dryrun' };
  if (finding.severity !== 'error') return { ...finding, status: 'warn' };
  return enforcement === 'warn' ? { ...finding, status: 'warn', reason: 'enforcement is warn' } : finding;
}

function ratchet(findings: readonly Finding[], { oldObject, operation, ...rest }: Subject, context: EngineContext): readonly Finding[] {
  if (operation !== 'UPDATE' || oldObject === undefined || findings.length === 0) return findings;
  const before = evaluate({ ...rest, object: oldObject, operation: 'CREATE' }, context);
  const known = new Set(before.findings.map(keyOf));
  return findings.map((finding) => {
    if (!known.has(keyOf(finding))) return finding;
    if (finding.status !== 'fail') return { ...finding, isOld: true };
    return {
      ...finding,
      isOld: true,
      status: 'warn',
      reason: 'the object had this before the update',
    };
  });
}
