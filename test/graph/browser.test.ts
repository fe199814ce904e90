import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, type TestContext, test } from 'vitest';
import { DRAWINGS } from '../../src/graph/drawings.ts';
import { wildGraphs } from '../support/arbitrary-graph.ts';
import { CHROMIUM, render, screenshot } from '../support/chromium.ts';
import { graphOf } from '../support/drawn.ts';
import { readFixture } from '../support/fixture.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const GRAPH = graphOf(readFixture('test/graph/input/objects.yaml').manifests.map(({ object }) => object));

function write(name: string, text: string): string {
  const file = join(temporaryDirectory(), name);
  writeFileSync(file, text);
  return file;
}

function skipWithoutBrowser({ skip }: TestContext): void {
  skip(CHROMIUM === undefined, 'no chromium on this machine');
}

describe('in a browser', { timeout: 120_000 }, () => {
  test('the page shows everything without a word on the console', async (context) => {
    skipWithoutBrowser(context);
    const { dom, console } = await render(write('page.html', DRAWINGS.html(GRAPH)));
    expect(console).toEqual([]);
    for (const word of ['router', 'two-clients', 'elsewhere', 'br-dpdk0', 'QEMU client', 'OVS client', 'VHG101', 'VHG203'])
      expect(dom).toContain(word);
  });

  test('a script that gets into the page does not run, and the browser says so', async (context) => {
    skipWithoutBrowser(context);
    const page = DRAWINGS.html(GRAPH).replace('<main>', '<main><script>document.title = "run"</script>');
    const { dom, console } = await render(write('page.html', page));
    expect(dom).not.toContain('<title>run</title>');
    expect(console.join('\n')).toMatch(/Content Security Policy/);
  });

  test('names of any kind stay text, in the page and in the picture', async (context) => {
    skipWithoutBrowser(context);
    const graphs = fc.sample(wildGraphs, { numRuns: 200, seed: 4 });
    const graph = graphs.toSorted((a, b) => b.nodes.length - a.nodes.length)[0] ?? GRAPH;
    expect(graph.nodes.length).toBeGreaterThan(8);
    for (const format of ['html', 'svg'] as const) {
      const { dom, console } = await render(write(`wild.${format}`, DRAWINGS[format](graph)));
      expect(console).toEqual([]);
      expect(dom.replace(/"[^"]*"/g, '""')).not.toMatch(/<(?:script|img|parsererror)|\son\w+="/);
      expect(dom.match(/class="node /g)).toHaveLength(graph.nodes.length);
    }
  });

  test('the picture has the size that it says', async (context) => {
    skipWithoutBrowser(context);
    const svg = DRAWINGS.svg(GRAPH);
    const [, width = '', height = ''] = /width="([\d.]+)" height="([\d.]+)"/.exec(svg) ?? [];
    const file = write('picture.svg', svg);
    const picture = `${file}.png`;
    await screenshot(file, picture, Math.ceil(Number(width)), Math.ceil(Number(height)));
    const png = readFileSync(picture);
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([Math.ceil(Number(width)), Math.ceil(Number(height))]);
  });
});
