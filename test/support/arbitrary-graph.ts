import fc from 'fast-check';
import { COLUMNS, type Graph, type GraphEdge, type GraphNode, LEVELS, type Mark } from '../../src/graph/graph.ts';

/** What no name should be, and may be all the same. */
const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  ']]>&amp;&#x3c;',
  "' onload='alert(1)",
  '</style></svg>',
  '-->',
  '\u0000\u0001\u001b[31m\u007f',
  '\ud800 \udfff',
  '\u202egnp.exe\u2066',
  '"] click n0 "javascript:alert(1)"',
  '`**bold**`',
  '#quot;#35;',
  'end',
  '名前🚀'.repeat(20),
  'a'.repeat(253),
  '\n---\n\r\n\t',
  '',
];

/** Any text, most of it hostile. */
export const wildTexts: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({ unit: 'grapheme', maxLength: 80 }),
);

const CONDITIONS = ['sound', 'doubtful', 'broken', 'unknown'] as const;

const marks: fc.Arbitrary<Mark> = fc.record({
  rule: fc.constantFrom('VHG101', 'VHG104', 'VHG203'),
  name: wildTexts,
  level: fc.constantFrom(...LEVELS),
  message: wildTexts,
  field: wildTexts,
  object: wildTexts,
  file: wildTexts,
  line: fc.nat(),
});

const descriptions = fc.record({
  column: fc.constantFrom(...COLUMNS),
  kind: wildTexts,
  name: wildTexts,
  details: fc.array(wildTexts, { maxLength: 3 }),
  condition: fc.constantFrom(...CONDITIONS),
  marks: fc.array(marks, { maxLength: 6 }),
});

/** Graphs of any text and of any shape that has its edges between neighbouring columns. */
export const wildGraphs: fc.Arbitrary<Graph> = fc
  .tuple(fc.array(descriptions, { maxLength: 24 }), fc.infiniteStream(fc.tuple(wildTexts, wildTexts, fc.constantFrom(...CONDITIONS))))
  .map(([described, stream]) => {
    const nodes = described.map((node, index): GraphNode => ({ ...node, id: `n${index}` }));
    const edges = nodes.flatMap((node): GraphEdge[] => {
      const next = nodes.filter(({ column }) => COLUMNS.indexOf(column) === COLUMNS.indexOf(node.column) + 1);
      return next.map((to, index) => {
        const [note, text, condition] = stream.next().value;
        const at = node.column === 'interface' ? 'from' : 'to';
        return { from: node.id, to: to.id, condition, note, ...(index % 2 === 0 ? { end: { text, at } } : {}) };
      });
    });
    return { nodes, edges, chains: edges.map(({ from, to }) => [from, to]) };
  });
