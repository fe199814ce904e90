import { expect, test } from 'vitest';
import { FORMATS, type FormatName } from '../../src/report/formats.ts';
import { FORMAT_OPTIONS, render, smallReport } from '../support/report.ts';

const EXTENSIONS: Readonly<Record<FormatName, string>> = {
  text: 'txt',
  json: 'json',
  yaml: 'yaml',
  sarif: 'sarif',
  junit: 'xml',
  github: 'github.txt',
  markdown: 'md',
  openreports: 'openreports.yaml',
  wgpolicy: 'wgpolicy.yaml',
};

test.for(Object.entries(EXTENSIONS) as [FormatName, string][])('%s', async ([format, extension]) => {
  const report = smallReport();
  const { rules } = report;
  // The metadata of one rule shows what is made of it; that of all would show every change of a sentence.
  const shortened = format === 'sarif' ? { ...report, rules: rules.slice(0, 1) } : report;
  const text = render(FORMATS[format], shortened, { ...FORMAT_OPTIONS, exitCode: 3 });
  await expect(text).toMatchFileSnapshot(`golden/report.${extension}`);
});
