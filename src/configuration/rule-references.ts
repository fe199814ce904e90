import { isObject, type JsonObject, quote } from '../core/json.ts';
import { nearest } from '../core/nearest.ts';
import type { Path } from '../core/path.ts';
import type { Enforcement } from '../core/settings.ts';
import type { DocumentProblem } from './problem.ts';

/** What a configuration may call a rule by. */
export interface RuleReference {
  readonly id: string;
  readonly name: string;
}

/** Rules that do not exist, and rules with two enforcements, wherever a configuration of any shape names one. */
export function findReferenceProblems(configuration: JsonObject, rules: readonly RuleReference[]): DocumentProblem[] {
  const overridden = new Map<string, string>();
  return references(configuration).flatMap(({ text, path }) => {
    const rule = findRule(text, rules);
    if (rule === undefined) return [{ path, message: describeUnknownRule(text, rules) }];
    if (path.length > 2) return [];
    const earlier = overridden.get(rule.id);
    overridden.set(rule.id, text);
    return earlier === undefined ? [] : [{ path, message: `is the same rule as "${earlier}": name it once` }];
  });
}

/** The `rules` key with ids only. */
export function byRuleId(
  overrides: Readonly<Record<string, Enforcement>>,
  rules: readonly RuleReference[],
): Readonly<Record<string, Enforcement>> {
  return Object.fromEntries(Object.entries(overrides).map(([text, enforcement]) => [findRule(text, rules)?.id ?? text, enforcement]));
}

function references({ rules, exemptions }: JsonObject): { readonly text: string; readonly path: Path }[] {
  const overridden = isObject(rules) ? Object.keys(rules).map((text) => ({ text, path: ['rules', text] })) : [];
  const exempted = listOf(exemptions).flatMap((exemption, index) =>
    listOf(isObject(exemption) ? exemption['rules'] : undefined).flatMap((text, item) =>
      typeof text === 'string' && text !== '' ? [{ text, path: ['exemptions', index, 'rules', item] }] : [],
    ),
  );
  return [...overridden, ...exempted];
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The rule that `text` is the id or the name of. */
export function findRule<R extends RuleReference>(text: string, rules: readonly R[]): R | undefined {
  return rules.find(({ id, name }) => text === id || text === name);
}

/** What is wrong with `text`, which no rule is called, and which rule it may be meant for. */
export function describeUnknownRule(text: string, rules: readonly RuleReference[]): string {
  const meant = nearest(
    text,
    rules.flatMap(({ id, name }) => [name, id]),
  );
  const advice = meant === undefined ? ': "vhostguard rules" lists them all' : `, did you mean "${meant}"?`;
  return `there is no rule ${quote(text)}${advice}`;
}
