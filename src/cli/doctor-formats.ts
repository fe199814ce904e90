import type { CheckResult, CheckState } from '../doctor/check.ts';
import type { Diagnosis } from '../doctor/diagnose.ts';
import { createPalette, type Palette } from '../report/palette.ts';
import { printable } from '../report/printable.ts';

const MARKS: Readonly<Record<CheckState, (palette: Palette) => string>> = {
  ok: (palette) => palette.green('√'),
  warn: (palette) => palette.yellow('‼'),
  fail: (palette) => palette.red('×'),
  skip: (palette) => palette.dim('-'),
};

/** Renders results one after the other, each group below its name. */
export function createTextRenderer(isColored: boolean): (result: CheckResult) => string {
  const palette = createPalette(isColored);
  let current = '';
  return ({ group, title, state, detail, hint }) => {
    const heading = group === current ? '' : `${current === '' ? '' : '\n'}${palette.bold(group)}\n`;
    current = group;
    const line = oneLine(detail === undefined ? title : `${title}: ${detail}`);
    const advice = hint === undefined || state === 'ok' ? '' : `  ${palette.dim(`  hint: ${oneLine(hint)}`)}\n`;
    return `${heading}${MARKS[state](palette)} ${line}\n${advice}`;
  };
}

/** The last line of the text. */
export function summaryLine({ results, isFinished }: Diagnosis): string {
  const { fail, warn, skip } = countsOf(results);
  const counts = [`${results.length} checks`, `${fail} failed`, `${warn} warned`, `${skip} skipped`].join(', ');
  return `\n${isFinished ? counts : `not finished: ${counts}`}\n`;
}

/** The diagnosis as one JSON document. */
export function renderJson({ results, isFinished }: Diagnosis): string {
  return `${JSON.stringify({ version: 1, finished: isFinished, summary: countsOf(results), checks: results }, undefined, 2)}\n`;
}

function countsOf(results: readonly CheckResult[]): Readonly<Record<CheckState, number>> {
  const count = (state: CheckState): number => results.filter((result) => result.state === state).length;
  return { ok: count('ok'), warn: count('warn'), fail: count('fail'), skip: count('skip') };
}

/** Messages come from the cluster, and may be of several lines. */
function oneLine(text: string): string {
  return printable(text.replace(/\s*\n\s*/g, '; '));
}
