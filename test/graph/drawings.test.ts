import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DRAWINGS } from '../../src/graph/drawings.ts';
import { wildGraphs } from '../support/arbitrary-graph.ts';
import { graphOf } from '../support/drawn.ts';
import { readFixture } from '../support/fixture.ts';
import { readMarkup } from '../support/markup.ts';
import { goodVmi } from '../support/vmi.ts';

/** Two VMs on three networks: one sound, one of two clients, one that is not there. */
const OBJECTS = readdirSync('test/graph/input').flatMap((file) =>
  readFixture(`test/graph/input/${file}`).manifests.map(({ object }) => object),
);
const GRAPH = graphOf(OBJECTS);

const SVG_ELEMENTS = ['svg', 'style', 'rect', 'text', 'g', 'path', 'title', 'circle'];
const HTML_ELEMENTS = 'html head meta body main h1 h2 p br a div table colgroup col thead tbody tr th td small code'.split(' ');

describe('mermaid', () => {
  test('is a flowchart with both modes on the wire and the findings in the boxes', async () => {
    await expect(DRAWINGS.mermaid(GRAPH)).toMatchFileSnapshot('golden/two-vms.mmd');
  });

  test('has one statement on each line and nothing in its labels that could be anything else, whatever the names are', () => {
    const label = '"[\\p{L}\\p{N}\\p{M} .,:/=(){}…×#;<>-]*"';
    const statement = new RegExp(
      `^(?:flowchart LR|  n\\d+\\[${label}\\]|  n\\d+ (?:---|-\\.-x?)(?:\\|${label}\\|)? n\\d+|  class n\\d+ \\w+|  classDef [\\w ]+[\\w#:, -]+|  linkStyle [\\d,]+ [\\w#:,]+|)$`,
      'u',
    );
    fc.assert(
      fc.property(wildGraphs, (graph) => {
        for (const line of DRAWINGS.mermaid(graph).split('\n')) {
          expect(line).toMatch(statement);
          expect(line.replaceAll('<br/>', '')).not.toMatch(/[<>]/);
        }
      }),
    );
  });
});

describe.each(['svg', 'html'] as const)('%s', (format) => {
  const elements = format === 'svg' ? SVG_ELEMENTS : [...SVG_ELEMENTS, ...HTML_ELEMENTS];

  test('is the same every time', async () => {
    expect(DRAWINGS[format](graphOf(OBJECTS.toReversed()))).toBe(DRAWINGS[format](GRAPH));
    if (format === 'svg') await expect(DRAWINGS.svg(GRAPH)).toMatchFileSnapshot('golden/two-vms.svg');
  });

  test('names everything and each finding', () => {
    const { text } = readMarkup(DRAWINGS[format](GRAPH));
    for (const { name, marks } of GRAPH.nodes) {
      expect(text).toContain(name);
      for (const { rule, message } of marks) {
        expect(text).toContain(rule);
        expect(text).toContain(message);
      }
    }
    for (const word of ['QEMU server', 'QEMU client', 'OVS client', 'OVS and QEMU are both clients']) expect(text).toContain(word);
  });

  test('is well-formed and of its own elements only, whatever the names are', () => {
    fc.assert(
      fc.property(wildGraphs, (graph) => {
        const markup = readMarkup(DRAWINGS[format](graph));
        expect(markup.elements.map(({ name }) => name).filter((name) => !elements.includes(name))).toEqual([]);
        for (const { attributes } of markup.elements) expect([...attributes.keys()].filter((key) => key.startsWith('on'))).toEqual([]);
      }),
    );
  });

  test('requests nothing and runs nothing', () => {
    const text = DRAWINGS[format](GRAPH);
    expect(text.replaceAll('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(/https?:|url\(|@import|<script|src=/);
    for (const { attributes } of readMarkup(text).elements) expect(attributes.get('href') ?? '#').toMatch(/^#/);
  });

  test('gives every box and every wire a text for those who do not see it', () => {
    const { elements: drawn } = readMarkup(DRAWINGS[format](GRAPH));
    const boxes = drawn.filter(({ attributes }) => attributes.get('class')?.startsWith('node '));
    expect(boxes.length).toBe(GRAPH.nodes.length);
    for (const { attributes } of boxes) {
      expect(attributes.get('tabindex')).toBe('0');
      expect(attributes.get('aria-label')).not.toBe('');
    }
    const wires = drawn.filter(({ attributes }) => attributes.get('class')?.startsWith('wire ') && attributes.has('role'));
    expect(wires.length).toBe(GRAPH.edges.filter(({ note }) => note !== '').length);
    for (const { attributes } of wires) expect(attributes.get('aria-label')).toMatch(/./);
  });

  test('says so when there is nothing to draw', () => {
    expect(readMarkup(DRAWINGS[format]({ nodes: [], edges: [], chains: [] })).text).toContain('Nothing has a vhost-user NIC.');
  });
});

describe('what a box is connected to', () => {
  /** `count` VMs on networks that do not exist. */
  const many = (count: number) => graphOf(Array.from({ length: count }, (_, index) => goodVmi({}, { name: `vm-${index}` })));

  test('stays when the pointer or the focus is on the box, and the rest fades', () => {
    const svg = DRAWINGS.svg(many(2));
    const { elements } = readMarkup(svg);
    const box = (id: string) => elements.find(({ attributes }) => attributes.get('id') === id)?.attributes;
    const [first, second] = many(2).nodes.filter(({ column }) => column === 'workload');
    const shared = many(2).nodes.find(({ column }) => column === 'network');
    expect(svg).toContain(`.graph:has(#${first?.id}:hover) .part:not(.t-${first?.id})`);
    expect(box(shared?.id ?? '')?.get('class')).toMatch(new RegExp(`\\bt-${first?.id}\\b.*\\bt-${second?.id}\\b`));
    expect(box(second?.id ?? '')?.get('class')).not.toContain(`t-${first?.id} `);
  });

  test('is left out of a picture that would take a browser minutes', () => {
    const svg = DRAWINGS.svg(many(250));
    expect(svg).not.toContain(':has(');
    expect(readMarkup(svg).text).toContain('vm-249');
    expect(DRAWINGS.html(many(250))).not.toContain('Point at a card');
  });
});

test('html allows itself styles and nothing else', () => {
  const meta = readMarkup(DRAWINGS.html(GRAPH)).elements.find(({ attributes }) => attributes.get('http-equiv') !== undefined);
  expect(meta?.attributes.get('content')).toBe("default-src 'none'; style-src 'unsafe-inline'");
});
