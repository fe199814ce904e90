import { applyEdits } from '../core/apply-edits.ts';
import type { Edit } from '../core/edit.ts';
import { type Path, toFieldPath } from '../core/path.ts';
import { readEmbedded } from './embedded-json.ts';
import type { Indentation } from './emit.ts';
import { findEntry } from './locate.ts';
import type { Manifest } from './manifest.ts';
import type { ListNode, MappingEntry, MappingNode, SourceNode } from './source-node.ts';
import type { Splice } from './splice.ts';
import { addToBlock, replaceItem, replaceMember } from './splice-block.ts';
import { addToFlow, type FlowStyle, replaceFlow, writeKey } from './splice-flow.ts';

/** What an edit needs to know of the document around its object. */
export interface EditContext {
  readonly text: string;
  readonly indentation: Indentation;
  /** Nodes that an alias stands for: a change in one of them shows in other places. */
  readonly shared: ReadonlySet<SourceNode>;
}

/** Why an edit cannot be written as a change of this place alone. */
export class Refusal extends Error {
  readonly start: number;

  constructor(start: number, message: string) {
    super(message);
    this.start = start;
  }
}

/** Where a value stands: in the collection that holds it, under an entry when that is a mapping. */
interface Slot {
  readonly node: SourceNode;
  readonly parent?: MappingNode | ListNode;
  readonly entry?: MappingEntry;
  readonly style: FlowStyle;
}

/**
 * The replacements that make one edit in the text of a manifest.
 *
 * @throws Refusal when it would change more than its own place.
 */
export function planEdit(manifest: Manifest, edit: Edit, context: EditContext): Splice[] {
  const edited = applyEdits(manifest.object, [edit]);
  const target = edit.op === 'append' ? edit.path : edit.path.slice(0, -1);
  let slot: Slot = enter({ node: manifest.root, style: { isJson: false } }, context);
  for (const [depth, key] of target.entries()) {
    const next = child(slot, key);
    if (next === undefined && edit.op === 'rename') return [];
    if (next === undefined) return add(slot, key, edited, edit.path.slice(0, depth), context);
    if (isOpaque(next.node, context.text)) return replace(next, valueThrough(edited, edit.path.slice(0, depth + 1)), context);
    slot = enter(next, context);
  }
  const last = edit.path.at(-1);
  if (edit.op === 'append') return add(slot, undefined, edited, edit.path, context);
  if (last === undefined) throw new Refusal(manifest.root.start, 'a manifest cannot be replaced as a whole');
  const member = child(slot, last, edit.op === 'set');
  if (edit.op === 'rename') return member === undefined ? [] : rename(member, edit.key, edit.value, context);
  return member === undefined ? add(slot, last, edited, target, context) : replace(member, edit.value, context);
}

/** Null, or a string whose JSON cannot be told in the source: only the whole value can be replaced. */
function isOpaque(node: SourceNode, text: string): boolean {
  return node.kind === 'scalar' && readEmbedded(text, node) === undefined;
}

/** The slot, ready to be edited inside: JSON in a string is opened, and what is shared is refused. */
function enter(slot: Slot, { text, shared }: EditContext): Slot {
  const { node } = slot;
  if (node.kind === 'alias') throw new Refusal(node.start, 'the value is an alias, and an edit would change every place that shares it');
  if (shared.has(node)) throw new Refusal(node.start, `the value is shared through the anchor "${node.anchor}"`);
  const embedded = node.kind === 'scalar' ? readEmbedded(text, node) : undefined;
  if (embedded !== undefined && node.kind === 'scalar') return { node: embedded, style: { isJson: true, within: node.style } };
  const isJson = slot.style.isJson || (node.kind === 'mapping' && node.isFlow && text.charAt(node.entries[0]?.keyStart ?? -1) === '"');
  return { ...slot, style: { ...slot.style, isJson } };
}

/** @param isReplaced whether the member itself is set, so that one that is merged in can be overruled. */
function child(slot: Slot, key: string | number, isReplaced = false): Slot | undefined {
  const { node: parent, style } = slot;
  if (parent.kind === 'list') {
    const node = typeof key === 'number' ? parent.items[key] : undefined;
    return node === undefined ? undefined : { node, parent, style };
  }
  if (parent.kind !== 'mapping') return undefined;
  const entry = parent.entries.findLast((candidate) => !candidate.isMerge && candidate.key === String(key));
  if (entry !== undefined) return { node: entry.node, parent, entry, style };
  const merged = isReplaced ? undefined : findEntry(parent, String(key));
  if (merged !== undefined)
    throw new Refusal(merged.keyStart, `"${key}" is merged in from an anchor, and an edit would change every place that shares it`);
  return undefined;
}

/** Adds the member `key` of the edited object or, without a key, its last item; an empty collection is replaced. @param path of the collection. */
function add(slot: Slot, key: string | number | undefined, edited: unknown, path: Path, context: EditContext): Splice[] {
  const { node, style } = slot;
  const whole = valueThrough(edited, path);
  if (node.kind !== 'mapping' && node.kind !== 'list') throw new Refusal(node.start, `${toFieldPath(path)} is no mapping or list`);
  const isEmpty = node.kind === 'mapping' ? node.entries.length === 0 : node.items.length === 0;
  if (isEmpty) return replace(slot, whole, context);
  const value = key === undefined ? (whole as readonly unknown[]).at(-1) : valueThrough(whole, [key]);
  const name = key === undefined ? undefined : String(key);
  if (!node.isFlow) return addToBlock(context.text, node, name, value, context.indentation);
  if (!/[[{]/.test(context.text.charAt(node.start))) throw new Refusal(node.start, 'the mapping has no brackets to add a member in');
  return addToFlow(context.text, node, name, value, style);
}

function replace(slot: Slot, value: unknown, { text, shared, indentation }: EditContext): Splice[] {
  const { node, parent, entry, style } = slot;
  if (shared.has(node)) throw new Refusal(node.start, `the value is shared through the anchor "${node.anchor}"`);
  if (parent === undefined || parent.isFlow) return replaceFlow(text, node, value, style);
  if (parent.kind === 'list' || entry === undefined) return replaceItem(text, node, value, indentation);
  const splices = replaceMember(text, parent, entry, value, indentation);
  if (splices === undefined) throw new Refusal(entry.keyStart, 'a key written with "?" cannot be edited');
  return splices;
}

function rename(slot: Slot, key: string, value: unknown, context: EditContext): Splice[] {
  const { entry, parent, style } = slot;
  if (entry === undefined) throw new Refusal(slot.node.start, 'an item has no key to rename');
  const written = writeKey(key, parent?.isFlow === true ? style : { isJson: false });
  return [{ start: entry.keyStart, end: entry.keyEnd, text: written }, ...replace(slot, value, context)];
}

/** The value at a path that may lead through strings which hold JSON. */
function valueThrough(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, key) => {
    const opened: unknown = typeof value === 'string' ? JSON.parse(value) : value;
    return opened === null || opened === undefined ? undefined : (opened as Record<string | number, unknown>)[key];
  }, root);
}
