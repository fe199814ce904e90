import { adviceFor } from './advice.ts';
import { findingsIn } from './findings-in.ts';
import { isShown, levelOf } from './level.ts';
import { printable } from './printable.ts';
import { describeRendering } from './rendering.ts';
import type { Format, FormatOptions, InputProblem, ReportedFinding } from './report.ts';
import { summaryLine } from './summary-line.ts';

/**
 * Workflow commands that GitHub Actions turns into annotations of the pull request, and a line of counts for the log. GitHub shows
 * the first ten errors and warnings of a step.
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 */
export const formatGithub: Format = function* (report, options) {
  for (const problem of report.problems) yield `${problemCommand(problem, options)}\n`;
  for (const entry of findingsIn(report)) if (isAnnotation(entry, options)) yield `${findingCommand(entry, options)}\n`;
  yield `${summaryLine(report)}\n`;
};

/** What is exempt or unknown asks nothing of the author, so that it takes no place from what does. */
function isAnnotation(entry: ReportedFinding, options: FormatOptions): boolean {
  return entry.isFailing || (entry.finding.status !== 'skip' && isShown(entry, options));
}

function findingCommand(entry: ReportedFinding, { sourcePath }: FormatOptions): string {
  const { finding, place } = entry;
  const rendering = describeRendering(place);
  const at = rendering === undefined ? { line: place.line, endLine: place.endLine, col: place.column } : {};
  const properties = { file: sourcePath(place.file), ...at, title: `${finding.rule} ${finding.name}` };
  const lines = [finding.message, ...(rendering === undefined ? [] : [rendering]), `fix: ${adviceFor(entry)}`];
  return command(commandOf(entry), properties, lines.join('\n'));
}

function commandOf({ finding, isFailing }: ReportedFinding): 'error' | 'warning' | 'notice' {
  if (finding.repaired) return 'notice';
  if (finding.status === 'error' || (isFailing && finding.isUnknown)) return 'error';
  const level = levelOf(finding);
  return level === 'info' ? 'notice' : level;
}

function problemCommand({ file, line, column, message, hint, renderedBy }: InputProblem, { sourcePath }: FormatOptions): string {
  const at = line === 0 || renderedBy !== undefined ? {} : { line, col: column };
  return command(
    'error',
    { file: sourcePath(file), ...at, title: 'cannot read' },
    hint === undefined ? message : `${message}\nhint: ${hint}`,
  );
}

function command(name: string, properties: Readonly<Record<string, string | number>>, message: string): string {
  const written = Object.entries(properties).map(([key, value]) => `${key}=${escapeProperty(String(value))}`);
  return `::${name} ${written.join(',')}::${escapeData(message)}`;
}

function escapeData(text: string): string {
  return printable(text.replaceAll('\r\n', '\n').replaceAll('\r', '\n')).replaceAll('%', '%25').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
