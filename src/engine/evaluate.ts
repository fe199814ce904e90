import { describeError } from '../core/errors.ts';
import type { Settings } from '../core/settings.ts';
import type { Subject } from '../core/subject.ts';
import { readView, type View } from '../kube/view.ts';
import { type ExemptionMatch, findExemption, readAnnotationExemptions } from './exemption.ts';
import { type Finding, keyOf, type RuleId, type Unknown, type Violation } from './finding.ts';
import type { Plan, RulesByTarget } from './plan.ts';
import type { AnyRule, RuleContext, RuleMeta } from './rule.ts';

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
    const results = run(rule, view, context);
    if (results.length === 0) {
      passed.push(rule.meta.id);
      continue;
    }
    const exemption = findExemption(rule.meta, subject, annotations, settings, plan.today);
    for (const result of results) findings.push(toFinding(rule.meta, result, exemption, settings));
  }
  return { inScope: true, findings: ratchet(findings, subject, plan, rules), passed };
}

interface Crash {
  readonly crash: string;
}

type Result = Violation | Unknown | Crash;

const NOTHING: readonly Result[] = [];

function run(rule: AnyRule, view: View, context: RuleContext): readonly Result[] {
  let results: Result[] | undefined;
  try {
    for (const result of rule.check(view, context)) {
      results ??= [];
      results.push(result);
    }
  } catch (thrown) {
    return [...(results ?? NOTHING), { crash: `rule ${rule.meta.id} failed: ${describeError(thrown)}` }];
  }
  return results ?? NOTHING;
}

/** The finding that a rule's result is under these settings. */
export function toFinding(meta: RuleMeta, result: Result, exemption: ExemptionMatch | undefined, settings: Settings): Finding {
  const { id: rule, name, severity } = meta;
  if ('crash' in result)
    return { rule, name, severity, status: 'error', path: [], message: result.crash, repaired: false, isOld: false, isUnknown: false };
  if ('unknown' in result) {
    const { path, unknown } = result;
    return {
      rule,
      name,
      severity,
      status: 'skip',
      path,
      message: unknown,
      reason: unknown,
      repaired: false,
      isOld: false,
      isUnknown: true,
    };
  }
  const { path, message, fix, offset } = result;
  // Member by member: spreading objects of many shapes took a quarter of an evaluation.
  const finding: Writable<Finding> = {
    rule,
    name,
    severity: result.severity ?? severity,
    status: 'skip',
    path,
    message,
    repaired: false,
    isOld: false,
    isUnknown: false,
  };
  if (fix !== undefined) finding.fix = fix;
  if (offset !== undefined) finding.offset = offset;
  return enforce(finding, exemption, settings);
}

/**
 * | severity | exempt | deny | warn | dryrun |
 * |---|---|---|---|---|
 * | error | skip | fail | warn | skip |
 * | warning, info | skip | warn | warn | skip |
 */
function enforce(finding: Writable<Finding>, exemption: ExemptionMatch | undefined, settings: Settings): Finding {
  const enforcement = settings.rules[finding.rule] ?? settings.enforcement;
  if (exemption !== undefined) finding.reason = exemption.reason;
  if (exemption?.isValid) finding.exemptedBy = exemption.origin;
  else if (enforcement === 'dryrun') finding.reason = 'enforcement is dryrun';
  else if (finding.severity !== 'error') finding.status = 'warn';
  else if (enforcement === 'warn') Object.assign(finding, { status: 'warn', reason: 'enforcement is warn' });
  else finding.status = 'fail';
  return finding;
}

/** Only while a finding is being made. */
type Writable<T> = { -readonly [K in keyof T]: T[K] };

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
