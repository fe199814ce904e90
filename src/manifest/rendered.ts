import { isObject, type JsonObject } from '../core/json.ts';
import { Manifest } from './manifest.ts';
import type { MappingEntry, SourceNode } from './source-node.ts';
import { TextLines } from './text-lines.ts';

const STEP = 2;

/**
 * The manifest of an object that was read from no text: places are those in its JSON, indented by two. The object must be what
 * `JSON.parse` could have made. Places are computed when somebody asks for the first one.
 */
export function renderManifest(object: JsonObject, file: string): Manifest {
  const text = JSON.stringify(object, undefined, STEP);
  let root: SourceNode | undefined;
  const place = (): SourceNode => {
    root ??= placed(object, 0, STEP);
    return root;
  };
  return new Manifest({ file, lines: new TextLines(text), document: place }, object, place);
}

/** What a parser would make of the JSON of `value` that begins at `start`, with what is in it indented by `indent`. */
function placed(value: unknown, start: number, indent: number): SourceNode {
  if (Array.isArray(value)) return placedList(value, start, indent);
  if (isObject(value)) return placedMapping(value, start, indent);
  return { kind: 'scalar', style: 'json', value, start, end: start + lengthOf(value) };
}

function placedList(values: readonly unknown[], start: number, indent: number): SourceNode {
  const items: SourceNode[] = [];
  let end = start + 1;
  for (const value of values) {
    // A line end after the bracket or the comma.
    const item = placed(value, end + 1 + indent, indent + STEP);
    items.push(item);
    end = item.end + 1;
  }
  return { kind: 'list', isFlow: true, items, start, end: endOf(items.length, end, indent) };
}

function placedMapping(object: JsonObject, start: number, indent: number): SourceNode {
  const entries: MappingEntry[] = [];
  let end = start + 1;
  for (const key of Object.keys(object)) {
    const value = object[key];
    if (value === undefined) continue;
    const keyStart = end + 1 + indent;
    const keyEnd = keyStart + lengthOf(key);
    const node = placed(value, keyEnd + 2, indent + STEP);
    entries.push({ key, keyStart, keyEnd, isMerge: false, node });
    end = node.end + 1;
  }
  return { kind: 'mapping', isFlow: true, entries, start, end: endOf(entries.length, end, indent) };
}

/** Past the closing bracket. `end` is past the comma that the last member would have if there were one after it. */
function endOf(members: number, end: number, indent: number): number {
  return members === 0 ? end + 1 : end + indent - STEP + 1;
}

/** A string that JSON writes as it is: nothing in it is escaped, as halves of surrogate pairs are too. */
const PLAIN = /^[ !#-[\]-\ud7ff\ue000-\uffff]*$/;

function lengthOf(scalar: unknown): number {
  if (typeof scalar === 'string' && PLAIN.test(scalar)) return scalar.length + 2;
  return JSON.stringify(scalar).length;
}
