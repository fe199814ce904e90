import { adviceFor } from './advice.ts';
import { at } from './at.ts';
import { excerptOf } from './excerpt.ts';
import { findingsOf } from './findings-in.ts';
import { isShown, levelOf } from './level.ts';
import { createPalette, type Palette } from './palette.ts';
import { printable } from './printable.ts';
import { describeRendering } from './rendering.ts';
import type { Format, InputProblem, Place, ReportedFinding } from './report.ts';
import { type SkipGroup, Skips } from './skips.ts';
import { summaryLine } from './summary-line.ts';

/** For people: `file:line:col: severity rule name: message`, the line with a caret, how to fix it, and a summary line. */
export const formatText: Format = function* (report, options) {
  const palette = createPalette(options.isColored);
  const skips = new Skips();
  for (const problem of report.problems) yield `${formatProblem(problem, palette)}\n`;
  for (const file of report.files) {
    for (const entry of findingsOf(file))
      if (entry.finding.status !== 'skip' && isShown(entry, options)) yield `${formatFinding(entry, palette)}\n`;
    if (!options.isQuiet) for (const object of file.objects) skips.add(object);
  }
  for (const group of skips.groups()) yield `${formatSkips(group, palette)}\n`;
  yield `${summaryLine(report, palette.red)}\n`;
};

function formatFinding(entry: ReportedFinding, palette: Palette): string {
  const { finding, place } = entry;
  const { rule, name, message } = finding;
  const head = `${palette.bold(at(place))}: ${label(finding, palette)} ${palette.bold(rule)} ${name}: ${message}`;
  const notes = [describeRendering(place), finding.reason].filter((note) => note !== undefined);
  return `${[head, excerptLines(place, palette), ...notes.map((note) => palette.dim(`   = ${note}`)), `   ${palette.dim('=')} fix: ${adviceFor(entry)}`].join('\n')}\n`;
}

function label(finding: ReportedFinding['finding'], palette: Palette): string {
  if (finding.status === 'error') return palette.red('rule crashed');
  const text = levelOf(finding);
  if (finding.repaired) return palette.green(`${text}, repaired by admission,`);
  if (text === 'error') return palette.red(text);
  return text === 'warning' ? palette.yellow(text) : palette.blue(text);
}

function excerptLines({ line, column, endLine, endColumn, excerpt }: Place, palette: Palette): string {
  const gutter = String(line);
  const margin = palette.dim(`${' '.repeat(gutter.length)} |`);
  const width = endLine > line ? excerpt.text.length : endColumn - column;
  const length = Math.max(1, Math.min(width, excerpt.text.length - (excerpt.column - 1)));
  const indent = excerpt.text.slice(0, excerpt.column - 1).replace(/[^\t]/g, ' ');
  const shown = `${palette.dim(`${gutter} |`)} ${printable(excerpt.text)}`;
  return [margin, shown, `${margin} ${indent}${palette.red('^'.repeat(length))}`].join('\n');
}

function formatSkips({ place, text, rules, objects }: SkipGroup, palette: Palette): string {
  const others = objects - 1;
  const more = others === 0 ? '' : ` (and so for ${others} other object${others === 1 ? '' : 's'})`;
  return `${palette.bold(at(place))}: ${palette.dim('skip')} ${[...rules].join(' ')}: ${text}${more}\n`;
}

function formatProblem({ message, hint, source, ...place }: InputProblem, palette: Palette): string {
  const lines = [`${palette.bold(at(place))}: ${palette.red('cannot read')}: ${message}`];
  if (source !== undefined && place.line > 0)
    lines.push(
      excerptLines({ ...place, endLine: place.line, endColumn: place.column + 1, excerpt: excerptOf(source, place.column) }, palette),
    );
  const rendering = describeRendering(place);
  if (rendering !== undefined && place.line > 0) lines.push(palette.dim(`   = ${rendering}`));
  if (hint !== undefined) lines.push(`   ${palette.dim('=')} hint: ${hint}`);
  return `${lines.join('\n')}\n`;
}
