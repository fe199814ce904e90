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
  const shared = new Set<SourceNode>();
  let step: number | undefined;
  let isListIndented: boolean | undefined;
  const open: SourceNode[] = [document];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.kind === 'alias') shared.add(node.target);
    if (node.kind === 'list') open.push(...node.items);
    if (node.kind !== 'mapping') continue;
    const column = columnOf(text, node);
    // The stack takes the last first, so that the layout of the first member decides.
    for (const { node: value } of node.entries.toReversed()) {
      open.push(value);
      if (node.isFlow || !isBelow(text, value, node)) continue;
      const depth = columnOf(text, value) - column;
      if (value.kind === 'mapping' && depth > 0) step = depth;
      if (value.kind === 'list') isListIndented = depth > 0;
    }
  }
  const indentation: Indentation = { step: step ?? 2, isListIndented: isListIndented ?? false };
  return { text, indentation, shared };
}

function isBelow(text: string, value: SourceNode, parent: SourceNode): boolean {
  return (value.kind === 'mapping' || value.kind === 'list') && !value.isFlow && lineStart(text, value.start) > parent.start;
}

function columnOf(text: string, node: SourceNode): number {
  return node.start - lineStart(text, node.start);
}
