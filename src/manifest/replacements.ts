import type { Edit } from '../core/edit.ts';
import type { Manifest } from './manifest.ts';
import { type EditContext, planEdit } from './plan-edit.ts';
import type { Splice } from './splice.ts';
import type { Position } from './text-lines.ts';

/** A change of a text: what stands at a place gives way to `text`. */
export interface TextReplacement extends Position {
  readonly text: string;
}

/**
 * What the edits of one fix replace in the text of a manifest, in the order of the text. Empty where they cannot be written as
 * changes of their own places. Unlike `rewrite` it reads nothing back: it is for showing a change, not for making it.
 */
export function planReplacements(manifest: Manifest, edits: readonly Edit[], context: EditContext): TextReplacement[] {
  const splices = plan(manifest, edits, context)?.toSorted((a, b) => a.start - b.start || a.end - b.end) ?? [];
  const isApart = splices.every(({ start, end }, index) => {
    const next = splices[index + 1];
    return next === undefined || (end <= next.start && start < next.start);
  });
  if (!isApart) return [];
  return splices.map(({ start, end, text }) => ({ ...manifest.lines.position(start, end), text }));
}

function plan(manifest: Manifest, edits: readonly Edit[], context: EditContext): Splice[] | undefined {
  try {
    return edits.flatMap((edit) => planEdit(manifest, edit, context));
  } catch {
    // A fix may be meant for what other repairs make of the object, which this text does not show.
    return undefined;
  }
}
