import { createTwoFilesPatch } from 'diff';
import { stringify } from 'yaml';
import { compareText } from '../core/compare-text.ts';
import type { JsonObject } from '../core/json.ts';
import type { Finding, RuleId } from '../engine/finding.ts';
import type { Judgement } from '../engine/judge.ts';
import type { Expectation } from './suite.ts';

/** An expectation whose files were read. */
export type ReadExpectation = Omit<Expectation, 'repaired'> & { readonly repaired?: JsonObject };

/** How a judgement differs from what is expected, one text for each difference; empty when it does not. */
export function compare(expected: ReadExpectation, judgement: Judgement): string[] {
  return [
    ...compareVerdict(expected, judgement),
    ...compareRules(expected, judgement),
    ...compareMessages(expected, judgement),
    ...compareSkips(expected, judgement),
    ...compareObject(expected, judgement),
  ];
}

function compareVerdict({ allowed }: ReadExpectation, { verdict }: Judgement): string[] {
  if (allowed === undefined || allowed === verdict.allowed) return [];
  const denials = [...new Set(verdict.denials.map(({ rule }) => rule))].sort(compareText);
  return [allowed ? `allowed: expected true, but it is denied by ${denials.join(', ')}` : 'allowed: expected false, but it is allowed'];
}

/** What is left of the findings when admission has repaired the object. */
function standing({ findings }: Judgement): Finding[] {
  return findings.filter(({ status, repaired }) => !repaired && (status === 'fail' || status === 'warn'));
}

function compareRules({ rules, contains }: ReadExpectation, judgement: Judgement): string[] {
  if (rules === undefined) return [];
  const left = standing(judgement);
  const missing = rules.filter((rule) => !left.some((finding) => finding.rule === rule));
  const extra = contains ? [] : left.filter(({ rule, severity }) => severity !== 'info' && !rules.includes(rule));
  return [...missing.map((rule) => `rules: expected ${rule}, but ${whyMissing(rule, judgement)}`), ...describeExtra('rules', extra)];
}

function whyMissing(rule: RuleId, { findings, inScope }: Judgement): string {
  if (!inScope) return 'the object has no vhost-user NIC, so that no rule judges it';
  const found = findings.filter((finding) => finding.rule === rule);
  if (found.some(({ repaired }) => repaired)) return 'admission repairs what it finds: expect "repaired" instead';
  const skipped = found.find(({ status }) => status === 'skip');
  return skipped === undefined ? 'it finds nothing' : `it is skipped: ${skipped.reason ?? skipped.message}`;
}

function describeExtra(key: string, extra: readonly Finding[]): string[] {
  return extra.map(
    ({ rule, name, message, reason }) => `${key}: did not expect ${rule} ${name}: ${key === 'skips' ? (reason ?? message) : message}`,
  );
}

function compareMessages({ messages = [] }: ReadExpectation, judgement: Judgement): string[] {
  const said = standing(judgement).map(({ message }) => message);
  return messages
    .filter((text) => !said.some((message) => message.includes(text)))
    .map(
      (text) =>
        `messages: expected one with ${JSON.stringify(text)}, but ${said.length === 0 ? 'there is none' : `they are\n${indent(said)}`}`,
    );
}

function indent(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join('\n');
}

function compareSkips({ skips, contains }: ReadExpectation, { findings, inScope }: Judgement): string[] {
  if (skips === undefined) return [];
  const skipped = findings.filter(({ status }) => status === 'skip');
  const missing = skips.filter((rule) => !skipped.some((finding) => finding.rule === rule));
  const extra = contains ? [] : skipped.filter(({ rule }) => !skips.includes(rule));
  const why = inScope ? 'it is not skipped' : 'the object has no vhost-user NIC, so that no rule judges it';
  return [...missing.map((rule) => `skips: expected ${rule}, but ${why}`), ...describeExtra('skips', extra)];
}

function compareObject({ repaired }: ReadExpectation, { object }: Judgement): string[] {
  if (repaired === undefined) return [];
  const text = (value: JsonObject): string => stringify(value, { sortMapEntries: true, lineWidth: 0, aliasDuplicateObjects: false });
  const [before, after] = [text(repaired), text(object)];
  if (before === after) return [];
  const patch = createTwoFilesPatch('expected', 'as admission leaves it', before, after, '', '', { context: 2 });
  return [`repaired: the object differs\n${indent(patch.trimEnd().split('\n').slice(1))}`];
}

/** The crashes of rules, which leave what they would have found unknown. */
export function crashesOf({ findings }: Judgement): string[] {
  return findings.filter(({ status }) => status === 'error').map(({ message }) => message);
}
