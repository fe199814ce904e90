import { adviceFor } from './advice.ts';
import { at } from './at.ts';
import { findingsIn } from './findings-in.ts';
import { isShown, levelOf } from './level.ts';
import { objectName } from './object-name.ts';
import { printable } from './printable.ts';
import { describeRendering } from './rendering.ts';
import type { Format, FormatOptions, InputProblem, Report, ReportedFinding } from './report.ts';
import { summaryLine } from './summary-line.ts';

/** Longest table in characters: GitHub takes 65,536 for a comment, GitLab and step summaries take more. */
const LONGEST_TABLE = 60_000;

/** For a comment on a pull request or a step summary: a verdict, a table with the most severe first, and what was skipped folded away. */
export const formatMarkdown: Format = function* (report, options) {
  const counts = countRanks(report, options);
  const skipped = counts[SKIPPED] ?? 0;
  const shown = counts.reduce((sum, count) => sum + count, report.problems.length) - skipped;
  yield `### vhostguard: ${verdictOf(report)}\n\n${escapeMarkdown(summaryLine(report))}.\n`;
  const table = toTable(['', 'where', 'rule', 'what', 'how to fix it'], rowsOf(report, options, counts), shown, LONGEST_TABLE);
  if (shown > 0) yield `\n${table}\n`;
  if (skipped === 0) return;
  const rows = entriesOf(SKIPPED, report, options, (entry) => skippedRow(entry, options));
  const folded = toTable(['where', 'rule', 'what', 'why it was skipped'], rows, skipped, LONGEST_TABLE - table.length);
  yield `\n<details><summary>${skipped} skipped</summary>\n\n${folded}\n\n</details>\n`;
};

/** The rank of what was skipped. */
const SKIPPED = 4;

/** The most severe have rank 0. */
function rankOf({ finding, isFailing }: ReportedFinding): number {
  if (finding.status === 'skip' && !isFailing) return SKIPPED;
  if (finding.repaired) return 3;
  return finding.status === 'error' ? 0 : ['error', 'warning', 'info'].indexOf(levelOf(finding));
}

/** How many of each rank are shown. */
function countRanks(report: Report, options: FormatOptions): readonly number[] {
  const counts = Array<number>(SKIPPED + 1).fill(0);
  for (const entry of findingsIn(report)) if (isShown(entry, options)) counts[rankOf(entry)] = (counts[rankOf(entry)] ?? 0) + 1;
  return counts;
}

function* rowsOf(report: Report, options: FormatOptions, counts: readonly number[]): Generator<string[]> {
  for (const problem of report.problems) yield problemRow(problem, options);
  for (const [rank, count] of counts.entries())
    if (rank !== SKIPPED && count > 0) yield* entriesOf(rank, report, options, (entry) => findingRow(entry, options));
}

function* entriesOf<T>(rank: number, report: Report, options: FormatOptions, toRow: (entry: ReportedFinding) => T): Generator<T> {
  for (const entry of findingsIn(report)) if (rankOf(entry) === rank && isShown(entry, options)) yield toRow(entry);
}

function verdictOf({ failing, problems, summary }: Report): string {
  if (problems.length > 0 || summary.error > 0) return 'could not judge everything';
  if (failing === 0) return summary.inScope === 0 ? 'nothing with a vhost-user NIC' : 'passed';
  return `${failing} ${failing === 1 ? 'finding fails' : 'findings fail'} the check`;
}

const LABELS = { error: '❌ error', warning: '⚠️ warning', info: 'ℹ️ info' } as const;

function labelOf({ finding, isFailing }: ReportedFinding): string {
  if (finding.status === 'error') return '💥 rule crashed';
  if (finding.repaired) return '🔧 repaired by admission';
  return isFailing && finding.isUnknown ? '❔ unknown' : LABELS[levelOf(finding)];
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

/** As many of `total` rows as fit; the last one tells how many do not. */
function toTable(header: readonly string[], rows: Iterable<readonly string[]>, total: number, longest: number): string {
  const lines = [toRow(header), `|${'---|'.repeat(header.length)}`];
  let length = lines.join('\n').length;
  let index = 0;
  for (const cells of rows) {
    const line = toRow(cells);
    length += line.length + 1;
    if (length > longest) return [...lines, toRow([`… ${total - index} more`, ...header.slice(1).map(() => '')])].join('\n');
    lines.push(line);
    index += 1;
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
