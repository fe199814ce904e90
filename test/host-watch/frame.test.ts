import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatFrame, formatRate } from '../../src/host-watch/frame.ts';
import { createPalette } from '../../src/report/palette.ts';
import { findingOf, hostView, portView } from '../support/host-view.ts';

const PLAIN = createPalette(false);

const HOST = hostView(
  [
    portView('8d20e5b7a1c4-net1', { findings: [findingOf('8d20e5b7a1c4-net1')], state: 'disconnected' }),
    portView('a1-net1'),
    portView('dpdk0', { type: 'dpdk', peer: '0000:18:00.0', state: 'up', pmdCpus: [2, 26] }),
    portView('zz-net1', { state: 'unknown' }),
  ].map(({ machine, rates, ...port }) =>
    port.state === 'connected' ? { ...port, machine: 'default/vm1', ...(rates && { rates }) } : port,
  ),
  { findings: [findingOf(undefined, 'warning')] },
);

describe('a frame', () => {
  test('shows all of a host in a wide terminal', async () => {
    await expect(`${formatFrame(HOST, PLAIN, { columns: 150, rows: 24 }).join('\n')}\n`).toMatchFileSnapshot('golden/wide.txt');
  });

  test('shows what matters most in one of 80 columns', async () => {
    await expect(`${formatFrame(HOST, PLAIN, { columns: 80, rows: 18 }).join('\n')}\n`).toMatchFileSnapshot('golden/narrow.txt');
  });

  test('says since when nobody answers', async () => {
    const outage = { since: new Date('2026-11-22T11:59:53Z'), server: 'ovs-vswitchd', reason: 'nothing listens there' } as const;
    const [, line] = formatFrame({ ...HOST, outage }, PLAIN, { columns: 100, rows: 24 });
    expect(line).toBe('ovs-vswitchd unreachable since 11:59:53Z (12 s): nothing listens there');
  });

  test('has no line that is longer, and no more lines, than the terminal, whatever it shows', () => {
    const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 150 }), fc.stringMatching(/^[a-z0-9/-]{0,120}$/));
    const finding = fc.record({ severity: fc.constantFrom('error', 'warning', 'info'), message: text, rule: fc.constant('VHG501') });
    const port = fc.record({
      name: text,
      peer: text,
      machine: text,
      state: fc.constantFrom('connected', 'unknown'),
      findings: fc.array(finding),
    });
    const views = fc
      .record({ host: text, ports: fc.array(port, { maxLength: 30 }), findings: fc.array(finding) })
      .map(({ host, ports, findings }) =>
        hostView(
          ports.map((each) => portView(each.name, each as object)),
          { host, findings: findings as (typeof HOST)['findings'] },
        ),
      );
    fc.assert(
      fc.property(views, fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 60 }), (view, columns, rows) => {
        const lines = formatFrame(view, createPalette(true), { columns, rows });
        expect(lines.length).toBeLessThanOrEqual(rows);
        for (const line of lines) expect(stripVTControlCharacters(line)).toMatch(new RegExp(`^[\\x20-\\x7e…]{0,${columns}}$`));
      }),
    );
  });

  test('has the same text with colours as without', () => {
    const coloured = formatFrame(HOST, createPalette(true), { columns: 90, rows: 30 });
    expect(coloured.map(stripVTControlCharacters)).toEqual(formatFrame(HOST, PLAIN, { columns: 90, rows: 30 }));
    expect(coloured.join('')).toContain('\x1b[31m');
  });

  test('leaves out ports for which there is no line, and says how many', () => {
    const ports = Array.from({ length: 100 }, (_, index) => portView(`v${index}`));
    const lines = formatFrame(hostView(ports), PLAIN, { columns: 120, rows: 20 });
    const shown = lines.filter((line) => /^v\d/.test(line)).length;
    expect(lines).toHaveLength(20);
    expect(lines.at(-1)).toBe(`${100 - shown} more`);
    expect(shown).toBeGreaterThan(8);
  });

  test('is whole where nothing limits it', () => {
    const ports = Array.from({ length: 100 }, (_, index) => portView(`v${index}`, { findings: [findingOf(`v${index}`)] }));
    const lines = formatFrame(hostView(ports), PLAIN);
    expect(lines.filter((line) => /^v\d/.test(line))).toHaveLength(100);
    expect(lines.filter((line) => line.endsWith('look at its driver'))).toHaveLength(100);
  });
});

test.for<[number | undefined, string]>([
  [undefined, '-'],
  [0, '0'],
  [0.04, '0'],
  [7.25, '7.2'],
  [12.34, '12.3'],
  [999.99, '999'],
  [1000, '1k'],
  [12_345, '12.3k'],
  [14_880_952, '14.8M'],
  [1e12, '1000G'],
])('a rate of %s is written %s', ([rate, text]) => {
  expect(formatRate(rate)).toBe(text);
});
