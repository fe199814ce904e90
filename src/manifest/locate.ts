import type { Path } from '../core/path.ts';
import { readEmbedded } from './embedded-json.ts';
import { scalarOffsets } from './scalar-offsets.ts';
import { type AliasNode, type MappingEntry, type MappingNode, mergedMappings, resolveAlias, type SourceNode } from './source-node.ts';
import type { Position, TextLines } from './text-lines.ts';

interface Span {
  readonly start: number;
  readonly end: number;
}

/** A value on the way along a path, and the key it is written under; the root and list items have none. */
interface Step {
  readonly node: SourceNode;
  readonly key?: Span;
}

/**
 * Where the value at `path` is written, as someone looks for it: a scalar at its value; a mapping or list at its key; the
 * item of a list, and the root, at their start. A value that aliases or merge keys bring in is shown where it is written.
 * A path may lead on into a string that holds JSON. What does not exist is shown at the key of its nearest parent.
 * The end never leaves the first line. Never throws.
 */
export function locate(lines: TextLines, root: SourceNode, path: Path): Position {
  const steps = walk(lines.text, root, path);
  const last = steps.at(-1) ?? { node: root };
  return onOneLine(lines, steps.length > path.length ? valueSpan(last) : (last.key ?? headSpan(last.node)));
}

/**
 * Where the character at `offset` of the string at `path` is written; the start of the string where that cannot be told,
 * and as `locate` has it where there is no string.
 */
export function locateOffset(lines: TextLines, root: SourceNode, path: Path, offset: number): Position {
  const steps = walk(lines.text, root, path);
  const last = steps.at(-1);
  const node = last === undefined || steps.length <= path.length ? undefined : resolveAlias(last.node);
  if (node?.kind !== 'scalar') return locate(lines, root, path);
  const offsets = scalarOffsets(lines.text, node);
  const start = offsets?.starts[offset];
  // A string that ends too early is at fault just past its last character.
  const past = typeof node.value === 'string' && offset === node.value.length ? offsets?.ends.at(-1) : undefined;
  if (start === undefined && past === undefined) return onOneLine(lines, node);
  return lines.position(start ?? past ?? node.start, offsets?.ends[offset] ?? past ?? node.end);
}

/** The values along `path` as far as they exist, the root first. */
function walk(text: string, root: SourceNode, path: Path): Step[] {
  const steps: Step[] = [{ node: root }];
  let isEmbedded = false;
  for (const key of path) {
    let node = resolveAlias(steps.at(-1)?.node ?? root);
    if (node.kind === 'scalar' && !isEmbedded) {
      isEmbedded = true;
      node = resolveAlias(readEmbedded(text, node) ?? node);
    }
    const next = node.kind === 'mapping' ? member(node, String(key), isEmbedded) : item(node, key);
    if (next === undefined) break;
    steps.push(next);
  }
  return steps;
}

function item(node: Exclude<SourceNode, AliasNode>, key: string | number): Step | undefined {
  const found = node.kind === 'list' && /^\d+$/.test(String(key)) ? node.items[Number(key)] : undefined;
  return found === undefined ? undefined : { node: found };
}

/** The member that wins: the last, as merged and duplicate keys are read. Go matches keys of embedded JSON without case when none is exact. */
function member(mapping: MappingNode, key: string, ignoresCase: boolean): Step | undefined {
  const entry =
    findEntry(mapping, key) ??
    (ignoresCase ? mapping.entries.findLast((candidate) => candidate.key.toLowerCase() === key.toLowerCase()) : undefined);
  return entry === undefined ? undefined : { node: entry.node, key: { start: entry.keyStart, end: entry.keyEnd } };
}

/** The entry that a reader finds under `key`, be it of the mapping itself or merged into it. */
export function findEntry(mapping: MappingNode, key: string): MappingEntry | undefined {
  for (const entry of mapping.entries.toReversed()) {
    if (!entry.isMerge && entry.key === key) return entry;
    for (const source of entry.isMerge ? (mergedMappings(entry) ?? []) : []) {
      const merged = findEntry(source, key);
      if (merged !== undefined) return merged;
    }
  }
  return undefined;
}

function valueSpan({ node, key }: Step): Span {
  const value = resolveAlias(node);
  if (value.kind === 'scalar' && (value.end > value.start || key === undefined)) return value;
  return key ?? headSpan(node);
}

/** What stands for a value that has no key: its first key or item, or the value itself when it is in brackets. */
function headSpan(node: SourceNode): Span {
  if (node.kind === 'scalar' || node.kind === 'alias' || node.isFlow) return node;
  if (node.kind === 'list') return node.items[0] === undefined ? node : headSpan(node.items[0]);
  const [first] = node.entries;
  return first === undefined ? node : { start: first.keyStart, end: first.keyEnd };
}

function onOneLine(lines: TextLines, { start, end }: Span): Position {
  return lines.position(start, Math.min(end, lines.endOfLine(start)));
}
