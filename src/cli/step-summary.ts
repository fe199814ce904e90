import { appendFileSync } from 'node:fs';
import { describeError } from '../core/errors.ts';
import { formatMarkdown } from '../report/markdown.ts';
import type { FormatOptions, Report } from '../report/report.ts';
import type { CommandIo } from './io.ts';

/**
 * Adds the report as Markdown to the page of the workflow run, where GitHub shows all of it and not ten annotations. Does nothing
 * outside of a workflow; a page that cannot be written to costs a note, not the verdict.
 */
export function appendStepSummary(report: Report, options: FormatOptions, io: CommandIo): void {
  const file = io.env['GITHUB_STEP_SUMMARY'] ?? '';
  if (file === '') return;
  try {
    appendFileSync(file, [...formatMarkdown(report, options)].join(''));
  } catch (thrown) {
    io.stderr.write(`vhostguard: note: cannot write the step summary ${file}: ${describeError(thrown)}\n`);
  }
}
