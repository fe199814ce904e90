import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CARD_PADDING } from '../../src/graph/card.ts';
import { cellsOf, shorten, wrap } from '../../src/graph/fit-text.ts';
import { layOut } from '../../src/graph/layout.ts';
import { COLORS } from '../../src/graph/style.ts';
import { wildGraphs, wildTexts } from '../support/arbitrary-graph.ts';

describe('a layout', () => {
  test('has every box in the picture, and no two of them at the same place', () => {
    fc.assert(
      fc.property(wildGraphs, (graph) => {
        const { boxes, width, bottom } = layOut(graph);
        expect(boxes.length).toBe(graph.nodes.length);
        for (const { x, y, card } of boxes) {
          expect(x).toBeGreaterThan(0);
          expect(y).toBeGreaterThan(40);
          expect(x + card.width).toBeLessThan(width);
          expect(y + card.height).toBeLessThanOrEqual(bottom);
        }
        for (const column of new Set(boxes.map(({ x }) => x))) {
          const stack = boxes.filter(({ x }) => x === column).toSorted((a, b) => a.y - b.y);
          for (const [index, box] of stack.slice(1).entries()) {
            const above = stack[index];
            expect(box.y).toBeGreaterThan((above?.y ?? 0) + (above?.card.height ?? 0));
          }
        }
      }),
    );
  });

  test('keeps lines and chips inside their box', () => {
    fc.assert(
      fc.property(wildGraphs, (graph) => {
        for (const { card } of layOut(graph).boxes) {
          for (const { text, role, y } of card.lines) {
            const letter = { kind: 6.4, name: 7.83, detail: 6.63 }[role];
            expect(cellsOf(text) * letter).toBeLessThanOrEqual(card.width - 2 * CARD_PADDING);
            expect(y).toBeLessThan(card.height);
          }
          for (const chip of card.chips) {
            expect(chip.x + chip.width).toBeLessThanOrEqual(card.width - CARD_PADDING);
            expect(chip.y + 18).toBeLessThan(card.height);
          }
        }
      }),
    );
  });

  test('draws every edge, from right to left side and within the height of both boxes', () => {
    fc.assert(
      fc.property(wildGraphs, (graph) => {
        const { lines, boxes } = layOut(graph);
        expect(lines.length).toBe(graph.edges.length);
        for (const { edge, from, to, bend } of lines) {
          const start = boxes.find(({ node }) => node.id === edge.from);
          const stop = boxes.find(({ node }) => node.id === edge.to);
          expect(from.x).toBe((start?.x ?? 0) + (start?.card.width ?? 0));
          expect(to.x).toBe(stop?.x);
          expect(to.y).toBeGreaterThan(stop?.y ?? 0);
          expect(to.y).toBeLessThan((stop?.y ?? 0) + (stop?.card.height ?? 0));
          expect(from.x <= bend.start && bend.start < bend.stop && bend.stop <= to.x).toBe(true);
        }
      }),
    );
  });
});

describe('text', () => {
  test('fits its cells, and is whole when it can be', () => {
    fc.assert(
      fc.property(wildTexts, fc.integer({ min: 5, max: 60 }), fc.integer({ min: 1, max: 4 }), (text, cells, lines) => {
        const wrapped = wrap(text, cells, lines);
        expect(wrapped.length).toBeLessThanOrEqual(lines);
        for (const line of wrapped) expect(cellsOf(line)).toBeLessThanOrEqual(cells);
        if (!wrapped.join('').includes('…')) expect(wrapped.join('')).toBe(text);
      }),
    );
  });

  test.for([
    ['short', 9, 'short'],
    ['0123456789', 5, '01…89'],
    ['名前空間', 5, '名…間'],
  ] as const)('%s in %i cells is %s', ([text, cells, short]) => {
    expect(shorten(text, cells)).toBe(short);
  });

  test('is broken after a separator', () => {
    expect(wrap('network.operator.openshift.io/external-openvswitch', 25, 3)).toEqual([
      'network.operator.',
      'openshift.io/external-',
      'openvswitch',
    ]);
  });
});

/** Contrast of two colors by WCAG 2. @see https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
function contrast(one: string, other: string): number {
  const [dark = 0, light = 0] = [one, other].map(luminance).sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(color.slice(at, at + 2), 16) / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

describe('colors', () => {
  const modes = [...COLORS.matchAll(/:root\{([^}]*)\}/g)].map(
    ([, body = '']) => new Map([...body.matchAll(/--([\w-]+):(#\w{6})/g)].map(([, name = '', color = '']) => [name, color])),
  );
  const text = [
    ...['text', 'muted'].flatMap((name) => [[name, 'canvas'] as const, [name, 'panel'] as const]),
    ...['error', 'warning', 'info', 'repaired', 'skipped'].flatMap((name) => [[name, `${name}-tint`] as const, [name, 'panel'] as const]),
    ...['sound', 'doubtful', 'broken'].map((name) => [name, 'canvas'] as const),
  ];

  test.for([
    ['light', 0],
    ['dark', 1],
  ] as const)('of text can be read in %s mode', ([, index]) => {
    const colors = modes[index] ?? new Map<string, string>();
    const weak = text.map(([front, back]) => [front, back, contrast(colors.get(front) ?? '', colors.get(back) ?? '')] as const);
    expect(weak.filter(([, , ratio]) => !(ratio >= 4.5))).toEqual([]);
  });

  test.for([
    ['light', 0],
    ['dark', 1],
  ] as const)('of lines can be seen in %s mode', ([, index]) => {
    const colors = modes[index] ?? new Map<string, string>();
    for (const name of ['link', 'unknown']) expect(contrast(colors.get(name) ?? '', colors.get('canvas') ?? '')).toBeGreaterThan(3);
  });
});
