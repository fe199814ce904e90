import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FORMATS } from '../../src/report/formats.ts';
import type { InputProblem, Report, ReportedFinding } from '../../src/report/report.ts';
import { complaining, FORMAT_OPTIONS, render, reportOn } from '../support/report.ts';
import { documentsOf, junitFaults, reportFaults, sarifFaults } from '../support/report-schemas.ts';

const VM = `apiVersion: kubevirt.io/v1
kind: VirtualMachineInstance
metadata: {name: vm}
spec:
  domain:
    devices: {interfaces: [{name: dpdk, binding: {name: vhostuser}}]}
  networks: [{name: dpdk, multus: {networkName: ovs-net}}]
`;

/** Text that some format gives a meaning to, between text that none does. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '%',
        '::',
        ']]>',
        '<!--',
        '&amp;',
        '\n',
        '\r\n',
        '\r',
        '\0',
        '\u001b[31m',
        '\ud800',
        '\uffff',
        '|',
        '`',
        '```',
        '](x)',
        '---\n',
      ),
      fc.constantFrom(
        '::error::',
        '\n::set-output name=x::y',
        '</failure>',
        '"',
        "'",
        '{0}',
        '@team',
        '<script>',
        '# ',
        '\t',
        '\u2028',
        '😀',
      ),
      fc.string({ unit: 'binary', maxLength: 5 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

/** A report in which everything that others write is `text`. */
function reportWith(text: string): Report {
  const report = reportOn({ 'vm.yaml': VM }, { rules: [complaining(text), complaining(`${text} too`, 'VHG997')] });
  const problem: InputProblem = { file: text, line: 1, column: 1, message: text, hint: text };
  const rename = <T extends { readonly name: string }>(object: T): T => ({ ...object, name: text, namespace: text });
  const spoil = (entry: ReportedFinding): ReportedFinding => ({
    ...entry,
    object: rename(entry.object),
    place: { ...entry.place, file: text },
    finding: { ...entry.finding, reason: text },
  });
  const files = Array.from(report.files, ({ objects }) => ({
    file: text,
    objects: objects.map(({ object, passed, findings }) => ({ object: rename(object), passed, findings: findings.map(spoil) })),
  }));
  return { ...report, files, problems: [problem, { ...problem, line: 0, column: 0 }] };
}

describe('whatever text a manifest or a path holds', () => {
  // A path of the file system is valid Unicode; what is no Unicode cannot be a URI.
  const options = { ...FORMAT_OPTIONS, sourcePath: (file: string) => Buffer.from(file).toString() };

  test('SARIF stays valid and keeps the text', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const sarif = render(FORMATS.sarif, reportWith(text), options);
        expect(sarifFaults(sarif).filter((fault) => !fault.includes('uri'))).toEqual([]);
        expect(sarif).toContain(JSON.stringify(`${text.replaceAll('](', '\\](')} too`).slice(1, -1));
      }),
    );
  });

  test('JUnit stays valid', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(hostile, { minLength: 40, maxLength: 40 }), async (texts) => {
        expect(await junitFaults(...texts.map((text) => render(FORMATS.junit, reportWith(text), options)))).toEqual([]);
      }),
      { numRuns: 3 },
    );
  });

  test('every GitHub command stands alone on its line and its text decodes to what it was', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const lines = render(FORMATS.github, reportWith(text), options).trimEnd().split('\n');
        expect(lines).toHaveLength(5);
        for (const line of lines.slice(0, -1)) expect(line).toMatch(/^::error (?:[a-zA-Z]+=[^,:\r\n]*,?)+::[^\r\n]*$/);
        const decoded = (lines[2]?.replace(/^::[\s\S]*?::/, '') ?? '').replaceAll('%0A', '\n').replaceAll('%25', '%');
        expect(decoded.startsWith(visible(text).trimEnd())).toBe(true);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
        expect(lines.join('')).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f]/);
      }),
    );
  });

  test('Markdown keeps its table: every row has the cells of its header', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const markdown = render(FORMATS.markdown, reportWith(text), options);
        const rows = markdown.split('\n').filter((line) => line.startsWith('|'));
        expect(rows).toHaveLength(6);
        for (const row of rows) expect(row.replaceAll(/\\./g, '').split('|')).toHaveLength(7);
        expect(rows.join('').replaceAll(/<br>|&#\d+;/g, '')).not.toMatch(/[<>@#]/);
      }),
    );
  });

  test.for(['openreports', 'wgpolicy'] as const)('%s stays YAML that its CRD takes, and keeps the text', (format) => {
    fc.assert(
      fc.property(hostile, (text) => {
        const yaml = render(FORMATS[format], reportWith(text), options);
        expect(reportFaults(format, yaml)).toEqual([]);
        const [report] = documentsOf(yaml) as { results: { message: string }[] }[];
        expect(report?.results.map(({ message }) => message).sort()).toEqual([text, `${text} too`].sort());
      }),
    );
  });
});

function visible(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replaceAll('\r', '\n')
    .replace(/[^\t\n\x20-\x7e\u00a0-\uffff]/g, '\uFFFD');
}
