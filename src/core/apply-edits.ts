import jsonc from 'jsonc-parser';
import type { Edit } from './edit.ts';
import { isObject } from './json.ts';
import type { Path } from './path.ts';

/**
 * The object with the edits made. Copy on write: every part that no edit touches is the same reference, so that comparing
 * the two objects costs only what changed. The input is never written to.
 *
 * @throws Error when an edit does not fit the object (a member of a list, an item of a mapping): a bug in a rule.
 */
export function applyEdits(object: unknown, edits: readonly Edit[]): unknown {
  return edits.reduce((current, edit) => change(current, edit.path, 0, edit), object);
}

function change(node: unknown, path: Path, depth: number, edit: Edit): unknown {
  if (edit.op === 'rename' && depth === path.length - 1) return renameMember(node, String(path[depth]), edit.key, edit.value);
  if (depth === path.length) return edit.op === 'append' ? [...listOf(node), edit.value] : edit.value;
  const key = path[depth] as string | number;
  if (typeof node === 'string') return editEmbeddedJson(node, path.slice(depth), edit);
  if (Array.isArray(node)) {
    if (typeof key !== 'number' || key >= node.length) throw misfit(path);
    return node.with(key, change(node[key], path, depth + 1, edit));
  }
  if (node !== undefined && node !== null && !isObject(node)) throw misfit(path);
  const mapping = isObject(node) ? node : {};
  const member = Object.hasOwn(mapping, key) ? mapping[key] : undefined;
  return { ...mapping, [key]: change(member, path, depth + 1, edit) };
}

function listOf(node: unknown): readonly unknown[] {
  if (node === undefined || node === null) return [];
  if (!Array.isArray(node)) throw new Error('internal error: an edit appends to what is no list');
  return node;
}

function renameMember(node: unknown, from: string, to: string, value: unknown): unknown {
  if (!isObject(node)) throw misfit([from]);
  return Object.fromEntries(Object.entries(node).map(([key, old]) => (key === from ? [to, value] : [key, old])));
}

/** Edits JSON inside a string without touching the rest of its text: the user's layout stays. */
function editEmbeddedJson(text: string, path: Path, edit: Edit): string {
  if (edit.op !== 'set') throw new Error(`internal error: ${edit.op} is not supported inside an embedded JSON string`);
  if (jsonc.parseTree(text)?.type !== 'object') throw misfit(edit.path);
  const edits = jsonc.modify(text, [...path], edit.value, {
    formattingOptions: { insertSpaces: true, tabSize: 2 },
  });
  return jsonc.applyEdits(text, edits);
}

function misfit(path: Path): Error {
  return new Error(`internal error: an edit does not fit the object at ${path.join('/')}`);
}
