import type { Indentation } from './emit.ts';
import type { Manifest } from './manifest.ts';
import type { EditContext } from './plan-edit.ts';
import type { SourceNode } from './source-node.ts';
import { lineStart } from './splice.ts';

/** Gives the context of edits in a manifest; each document is walked once, however many objects it lists. */
export function surveyDocuments(text: string): (manifest: Manifest) => EditContext {
  const known = new Map<SourceNode, EditContext>();
  return ({ document }) => {
    const context = known.get(document) ?? survey(text, document);
    known.set(document, context);
    return context;
  };
}

function survey(text: string, document: SourceNode): EditContext {
  const nodes = [...nodesOf(document)];
  const shared = new Set(nodes.flatMap((node) => (node.kind === 'alias' ? [node.target] : [])));
  let step: number | undefined;
  let isListIndented: boolean | undefined;
  for (const node of nodes) {
    if (node.kind !== 'mapping' || node.isFlow) continue;
    for (const value of node.entries.map((entry) => entry.node).filter((some) => isBelow(text, some, node))) {
      const depth = columnOf(text, value) - columnOf(text, node);
      if (value.kind === 'list') isListIndented ??= depth > 0;
      else if (depth > 0) step ??= depth;
    }
  }
  const indentation: Indentation = { step: step ?? 2, isListIndented: isListIndented ?? false };
  return { text, indentation, shared };
}

/** All nodes as they are written: what an alias stands for is not repeated. */
function* nodesOf(node: SourceNode): Generator<SourceNode> {
  yield node;
  if (node.kind === 'list') for (const item of node.items) yield* nodesOf(item);
  if (node.kind === 'mapping') for (const entry of node.entries) yield* nodesOf(entry.node);
}

function isBelow(text: string, value: SourceNode, parent: SourceNode): boolean {
  return (value.kind === 'mapping' || value.kind === 'list') && !value.isFlow && lineStart(text, value.start) > parent.start;
}

function columnOf(text: string, node: SourceNode): number {
  return node.start - lineStart(text, node.start);
}
