import { adviceFor } from './advice.ts';
import { at } from './at.ts';
import { isShown, levelOf } from './level.ts';
import { objectName } from './object-name.ts';
import { printable } from './printable.ts';
import { describeRendering } from './rendering.ts';
import type { Format, FormatOptions, InputProblem, Report, ReportedFinding } from './report.ts';
import { summaryLine } from './summary-line.ts';

/** Longest table in characters: GitHub takes 65,536 for a comment, GitLab and step summaries take more. */
const LONGEST_TABLE = 60_000;

/** For a comment on a pull request or a step summary: a verdict, a table with the most severe first, and what was skipped folded away. */
export const formatMarkdown: Format = (report, options) => {
  const shown = report.findings.filter((entry) => isShown(entry, options));
  const skipped = shown.filter(isSkipped);
  const rest = shown.filter((entry) => !isSkipped(entry)).toSorted((a, b) => rankOf(a) - rankOf(b));
  const rows = [...report.problems.map((problem) => problemRow(problem, options)), ...rest.map((entry) => findingRow(entry, options))];
  const skippedRows = skipped.map((entry) => skippedRow(entry, options));
  const table = toTable(['', 'where', 'rule', 'what', 'how to fix it'], rows, LONGEST_TABLE);
  const folded = toTable(['where', 'rule', 'what', 'why it was skipped'], skippedRows, LONGEST_TABLE - table.length);
  return `${[
    `### vhostguard: ${verdictOf(report)}`,
    `${escapeMarkdown(summaryLine(report))}.`,
    ...(rows.length === 0 ? [] : [table]),
    ...(skippedRows.length === 0 ? [] : [`<details><summary>${skippedRows.length} skipped</summary>\n\n${folded}\n\n</details>`]),
  ].join('\n\n')}\n`;
};

function isSkipped({ finding, isFailing }: ReportedFinding): boolean {
  return finding.status === 'skip' && !isFailing;
}

function verdictOf({ findings, problems, summary }: Report): string {
  if (problems.length > 0 || summary.error > 0) return 'could not judge everything';
  const failing = findings.filter(({ isFailing }) => isFailing).length;
  if (failing === 0) return summary.inScope === 0 ? 'nothing with a vhost-user NIC' : 'passed';
  return `${failing} ${failing === 1 ? 'finding fails' : 'findings fail'} the check`;
}

const LABELS = { error: '❌ error', warning: '⚠️ warning', info: 'ℹ️ info' } as const;

function labelOf({ finding, isFailing }: ReportedFinding): string {
  if (finding.status === 'error') return '💥 rule crashed';
  if (finding.repaired) return '🔧 repaired by admission';
  return isFailing && finding.isUnknown ? '❔ unknown' : LABELS[levelOf(finding)];
}

function rankOf({ finding }: ReportedFinding): number {
  if (finding.repaired) return 3;
  return finding.status === 'error' ? 0 : ['error', 'warning', 'info'].indexOf(levelOf(finding));
}

function problemRow({ message, hint = '', ...place }: InputProblem, { sourcePath }: FormatOptions): string[] {
  return [
    '❌ cannot read',
    escapeMarkdown(at({ ...place, file: sourcePath(place.file) })),
    '',
    escapeMarkdown(message),
    escapeMarkdown(hint),
  ];
}

function findingRow(entry: ReportedFinding, options: FormatOptions): string[] {
  const { finding } = entry;
  const reason = finding.reason === undefined || finding.isUnknown ? '' : ` (${finding.reason})`;
  return [labelOf(entry), whereOf(entry, options), ruleOf(entry), escapeMarkdown(`${finding.message}${reason}`), inCell(adviceFor(entry))];
}

function skippedRow(entry: ReportedFinding, options: FormatOptions): string[] {
  const { message, reason = '', isUnknown } = entry.finding;
  return [whereOf(entry, options), ruleOf(entry), isUnknown ? '' : escapeMarkdown(message), escapeMarkdown(reason)];
}

function whereOf({ place, object }: ReportedFinding, { sourcePath }: FormatOptions): string {
  const lines = [at({ ...place, file: sourcePath(place.file) }), describeRendering(place), `${object.kind} ${objectName(object)}`];
  return lines.flatMap((line) => (line === undefined ? [] : escapeMarkdown(line))).join('<br>');
}

function ruleOf({ finding: { rule, name } }: ReportedFinding): string {
  return `${rule}<br>${name}`;
}

/** As many rows as fit; the last one tells how many do not. */
function toTable(header: readonly string[], rows: readonly (readonly string[])[], longest: number): string {
  const lines = [toRow(header), `|${'---|'.repeat(header.length)}`];
  let length = lines.join('\n').length;
  for (const [index, cells] of rows.entries()) {
    const line = toRow(cells);
    length += line.length + 1;
    if (length > longest) {
      return [...lines, toRow([`… ${rows.length - index} more`, ...header.slice(1).map(() => '')])].join('\n');
    }
    lines.push(line);
  }
  return lines.join('\n');
}

function toRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

/** Our own Markdown, kept inside its cell. */
function inCell(markdown: string): string {
  return printable(markdown).replaceAll('\n', ' ').replaceAll('|', '\\|');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '@': '&#64;', '#': '&#35;' };

/** Text of others that is to be read as it is: no link, no picture, nobody mentioned, and all in one cell. */
function escapeMarkdown(text: string): string {
  return printable(text)
    .replace(/[&<>@#]/g, (character) => ENTITIES[character] ?? character)
    .replace(/[\\`*_{}[\]|~!]/g, '\\$&')
    .replaceAll('\n', '<br>');
}
