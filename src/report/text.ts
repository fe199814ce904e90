import { createPalette, type Palette } from './palette.ts';
import type { Format, FormatOptions, InputProblem, Place, Report, ReportedFinding } from './report.ts';

/** For people: `file:line:col: severity rule name: message`, the line with a caret, how to fix it, and a summary line. */
export const formatText: Format = (report, options) => {
  const palette = createPalette(options.isColored);
  const shown = report.findings.filter((entry) => isShown(entry, options));
  const blocks = [
    ...report.problems.map((problem) => formatProblem(problem, palette)),
    ...shown.filter(({ finding }) => finding.status !== 'skip').map((entry) => formatFinding(entry, palette)),
    ...formatSkips(shown, palette),
  ];
  return [...blocks, formatSummary(report, palette)].join('\n');
};

function isShown({ finding }: ReportedFinding, { isQuiet }: FormatOptions): boolean {
  return !isQuiet || ((finding.status === 'fail' || finding.status === 'error') && !finding.repaired);
}

function formatFinding({ finding, place, remedy }: ReportedFinding, palette: Palette): string {
  const { rule, name, message, fix } = finding;
  const head = `${palette.bold(at(place))}: ${label(finding, palette)} ${palette.bold(rule)} ${name}: ${message}`;
  const reason = finding.reason === undefined ? [] : [palette.dim(`   = ${finding.reason}`)];
  return `${[head, excerpt(place, palette), ...reason, `   ${palette.dim('=')} ${howToFix(remedy, fix?.title, fix?.safety, finding.repaired)}`].join('\n')}\n`;
}

function label({ status, severity, repaired }: ReportedFinding['finding'], palette: Palette): string {
  if (status === 'error') return palette.red('rule crashed');
  const text = status === 'warn' && severity === 'error' ? 'warning' : severity;
  if (repaired) return palette.green(`${text}, repaired by admission,`);
  if (text === 'error') return palette.red(text);
  return text === 'warning' ? palette.yellow(text) : palette.blue(text);
}

function howToFix(remedy: string, title: string | undefined, safety: string | undefined, repaired: boolean): string {
  if (title === undefined) return `fix: ${remedy}`;
  if (repaired) return `fix: admission will ${title}; \`vhostguard fix\` writes it into the file`;
  return `fix: ${title} (\`vhostguard fix${safety === 'unsafe' ? ' --unsafe' : ''}\`)`;
}

function at({ file, line, column }: { readonly file: string; readonly line: number; readonly column: number }): string {
  return line === 0 ? file : `${file}:${line}:${column}`;
}

const MOST_SHOWN = 160;

function excerpt(place: Place, palette: Palette): string {
  const gutter = String(place.line);
  const margin = palette.dim(`${' '.repeat(gutter.length)} |`);
  const { source, column } = squeeze(place);
  const start = Math.max(0, column - 1 - MOST_SHOWN / 2);
  const shown = source.slice(start, start + MOST_SHOWN);
  const width = place.endLine > place.line ? source.length : place.endColumn - place.column;
  const length = Math.max(1, Math.min(width, shown.length - (column - 1 - start)));
  const indent = shown.slice(0, column - 1 - start).replace(/[^\t]/g, ' ');
  return [margin, `${palette.dim(`${gutter} |`)} ${printable(shown)}`, `${margin} ${indent}${palette.red('^'.repeat(length))}`].join('\n');
}

/** Shortens long gaps before the column, so that what stands far to the right is seen beside what it follows. */
function squeeze({ source, column }: Place): { readonly source: string; readonly column: number } {
  const before = source.slice(0, column - 1).replace(/(?<=\S) {12,}/g, ' … ');
  return { source: before + source.slice(column - 1), column: before.length + 1 };
}

/** A manifest must not be able to move the reader's cursor. */
function printable(text: string): string {
  return text.replace(/[^\t\x20-\x7e\u00a0-\uffff]/g, '�');
}

/** Several rules often wait for the same object: one line for all of them. */
function formatSkips(shown: readonly ReportedFinding[], palette: Palette): string[] {
  const groups = new Map<string, { place: Place; rules: string[]; text: string }>();
  for (const { finding, place, object } of shown) {
    if (finding.status !== 'skip') continue;
    const text = finding.isUnknown ? String(finding.reason) : `${finding.message} (${finding.reason})`;
    const key = JSON.stringify([place.file, object, text]);
    const group = groups.get(key) ?? { place, rules: [], text };
    group.rules.push(finding.rule);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ place, rules, text }) => {
    return `${palette.bold(at(place))}: ${palette.dim('skip')} ${[...new Set(rules)].join(' ')}: ${text}\n`;
  });
}

function formatProblem({ message, hint, source, ...place }: InputProblem, palette: Palette): string {
  const lines = [`${palette.bold(at(place))}: ${palette.red('cannot read')}: ${message}`];
  if (source !== undefined && place.line > 0)
    lines.push(excerpt({ ...place, endLine: place.line, endColumn: place.column + 1, source }, palette));
  if (hint !== undefined) lines.push(`   ${palette.dim('=')} hint: ${hint}`);
  return `${lines.join('\n')}\n`;
}

function formatSummary({ summary, findings, problems }: Report, palette: Palette): string {
  const { objects, inScope, pass, fail, warn, error, skip } = summary;
  const repaired = findings.filter(({ finding }) => finding.repaired).length;
  const counts = `pass: ${pass}, fail: ${fail}, warn: ${warn}, error: ${error}, skip: ${skip}`;
  const parts = [`${objects} ${objects === 1 ? 'object' : 'objects'}, ${inScope} with vhost-user`, counts];
  if (repaired > 0) parts.push(`${repaired} repaired by admission`);
  if (problems.length > 0) parts.push(palette.red(`${problems.length} not readable`));
  return `${parts.join('; ')}\n`;
}
