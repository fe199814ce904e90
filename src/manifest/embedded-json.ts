import { readJson } from './json-source.ts';
import { type ScalarOffsets, scalarOffsets } from './scalar-offsets.ts';
import type { ScalarNode, SourceNode } from './source-node.ts';

/**
 * The tree of the JSON that a string holds, with offsets in the text around it.
 *
 * @returns `undefined` where the string holds no JSON, or its characters cannot be told in the source.
 */
export function readEmbedded(text: string, scalar: ScalarNode): SourceNode | undefined {
  if (typeof scalar.value !== 'string') return undefined;
  const { roots, fault } = readJson(scalar.value);
  const [root] = roots;
  if (root === undefined || roots.length > 1 || fault !== undefined) return undefined;
  const offsets = scalarOffsets(text, scalar);
  return offsets === undefined ? undefined : moved(root, offsets);
}

function moved(node: SourceNode, offsets: ScalarOffsets): SourceNode {
  const span = movedSpan(node.start, node.end, offsets);
  if (node.kind === 'list') return { ...node, ...span, items: node.items.map((item) => moved(item, offsets)) };
  if (node.kind !== 'mapping') return { ...node, ...span };
  const entries = node.entries.map((entry) => {
    const key = movedSpan(entry.keyStart, entry.keyEnd, offsets);
    return { ...entry, keyStart: key.start, keyEnd: key.end, node: moved(entry.node, offsets) };
  });
  return { ...node, ...span, entries };
}

function movedSpan(start: number, end: number, { starts, ends }: ScalarOffsets): { start: number; end: number } {
  return { start: starts[start] ?? 0, end: ends[end - 1] ?? 0 };
}
