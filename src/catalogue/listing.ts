import type { RuleMeta } from '../engine/rule.ts';
import { byId, kindsOf } from './facts.ts';

/** One line per rule, for a terminal. Ends in a newline. */
export function catalogueText(rules: readonly { readonly meta: RuleMeta }[]): string {
  const rows = byId(rules).map(({ id, name, severity, fix, title }) => [id, name, severity, fix === 'none' ? '-' : fix, title]);
  const table = [['id', 'name', 'severity', 'fix', 'title'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((cells) => cells[column]?.length ?? 0)));
  return table
    .map(
      (cells) =>
        `${cells
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** Every rule's metadata as indented JSON, with the kinds that it judges. Ends in a newline. */
export function catalogueJson(rules: readonly { readonly meta: RuleMeta }[]): string {
  const listed = byId(rules).map((meta) => {
    const { targets: _, ...rest } = meta;
    return { ...rest, kinds: kindsOf(meta) };
  });
  return `${JSON.stringify({ version: 1, rules: listed }, null, 2)}\n`;
}
