import type { RuleMeta } from '../engine/rule.ts';
import { byId, describeFix, describeOffline, exampleDiff, kindsOf } from './facts.ts';

const PREAMBLE = `# Rules

This page is generated from the rules themselves by \`npm run docs\`. \`vhostguard explain RULE\` shows the same on a terminal.

A rule judges only objects with a vhost-user NIC, and networks for them. Findings of severity error deny, warnings are shown, infos are
only reported; [configuration.md](configuration.md) changes that. \`safe\` fixes are applied by admission, \`unsafe\` ones only by
\`vhostguard fix --unsafe\`.`;

/** The page of all rules, \`docs/rules.md\`. Ends in a newline. */
export function catalogueMarkdown(rules: readonly { readonly meta: RuleMeta }[]): string {
  const metas = byId(rules);
  return `${[PREAMBLE, ruleTable(rules, ''), ...metas.map(rulePage)].join('\n\n')}\n`;
}

/** One row per rule. @param page where the links lead: the page of all rules, empty on that page itself. */
export function ruleTable(rules: readonly { readonly meta: RuleMeta }[], page: string): string {
  const rows = byId(rules).map((meta) => {
    const link = `[${meta.id}](${page}#${anchorOf(meta)})`;
    return row([link, meta.name, meta.severity, meta.fix === 'none' ? '' : meta.fix, meta.title]);
  });
  return [row(['id', 'name', 'severity', 'fix', 'title']), '|---|---|---|---|---|', ...rows].join('\n');
}

const README_BEGIN = '<!-- rules:begin -->';
const README_END = '<!-- rules:end -->';

/** A README with the table of rules between its two markers renewed. @throws Error when a marker is missing. */
export function withRuleTable(readme: string, rules: readonly { readonly meta: RuleMeta }[]): string {
  const begin = readme.indexOf(README_BEGIN);
  const end = readme.indexOf(README_END);
  if (begin < 0 || end < begin) throw new Error(`the README must have the lines ${README_BEGIN} and ${README_END}`);
  return `${readme.slice(0, begin + README_BEGIN.length)}\n${ruleTable(rules, 'docs/rules.md')}\n${readme.slice(end)}`;
}

function rulePage(meta: RuleMeta): string {
  return [
    `## ${meta.id} ${meta.name}`,
    `${meta.title}.`,
    [
      '| | |',
      '|---|---|',
      row(['severity', meta.severity]),
      row(['fix', describeFix(meta)]),
      row([
        'judges',
        kindsOf(meta)
          .map(({ kind }) => kind)
          .join(', '),
      ]),
      row(['works offline', describeOffline(meta)]),
      row(['since', meta.since]),
    ].join('\n'),
    meta.why,
    `**Remedy.** ${meta.remedy}`,
    `What breaks it, in [${meta.example.file}](../deploy/examples/${meta.example.file}):`,
    ['```diff', ...exampleDiff(meta), '```'].join('\n'),
    `**False positives.** ${meta.falsePositives}`,
    '**Sources.**',
    meta.sources.map((source) => `- <${source}>`).join('\n'),
  ].join('\n\n');
}

/** The anchor that GitHub makes of the rule's heading. */
function anchorOf({ id, name }: RuleMeta): string {
  return `${id} ${name}`.toLowerCase().replaceAll(' ', '-');
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}
