import { blockLines, flowText, type Indentation, replacementLines } from './emit.ts';
import type { ListNode, MappingEntry, MappingNode, SourceNode } from './source-node.ts';
import { lineEnd, lineEnding, lineStart, type Splice } from './splice.ts';

/** Adds `key: value` after the last member of a block mapping, or an item after the last of a block list. */
export function addToBlock(
  text: string,
  collection: MappingNode | ListNode,
  key: string | undefined,
  value: unknown,
  indentation: Indentation,
): Splice[] {
  const column = columnOf(text, collection);
  const lines = key === undefined ? itemLines(value, indentation) : memberLines(key, value, indentation);
  const at = insertionPoint(text, collection, column);
  return [{ start: at, end: at, text: indented(lines, column, text) }];
}

/**
 * Replaces the value of a member of a block mapping; its key, and comments beside and below the key, stay.
 *
 * @returns `undefined` for a key that is written with `?`.
 */
export function replaceMember(
  text: string,
  mapping: MappingNode,
  entry: MappingEntry,
  value: unknown,
  indentation: Indentation,
): Splice[] | undefined {
  const colon = /^[ \t]*:/.exec(text.slice(entry.keyEnd, entry.keyEnd + 64));
  if (colon === null) return undefined;
  const afterColon = entry.keyEnd + colon[0].length;
  const { node } = entry;
  const column = columnOf(text, mapping);
  const keyLineEnd = lineEnd(text, afterColon);
  const isInline = node.start <= keyLineEnd;
  const above = isInline ? '' : text.slice(keyLineEnd, lineStart(text, node.start));
  const lines = typeof value === 'string' ? [`k: ${flowText(value)}`] : replacementLines({ k: value }, indentation);
  const first = lines[0]?.slice('k:'.length) ?? '';
  const nested = indented(lines.slice(1), column, text);
  if (isInline) return replaceInline(text, node, afterColon, first, nested);
  const properties = text.slice(afterColon, keyLineEnd).replace(/(?:^|[ \t])[ \t]*(?:#.*)?$/, '');
  const aboveEnd = above.trim() === '' ? keyLineEnd : keyLineEnd + above.replace(/\r?\n$/, '').length;
  return [
    { start: afterColon, end: afterColon + properties.length, text: first },
    { start: aboveEnd, end: lineEnd(text, contentEnd(text, node)), text: nested },
  ];
}

/** Replaces a value that begins on the line of its key, with its anchor and tag. */
function replaceInline(text: string, node: SourceNode, afterColon: number, first: string, nested: string): Splice[] {
  const isEmpty = node.start === node.end;
  const end = isEmpty ? afterColon : contentEnd(text, node);
  const space = isEmpty || nested !== '' ? 0 : text.slice(afterColon).search(/[^ \t]/);
  const replaced = { start: afterColon + space, end, text: space === 0 ? first : first.trimStart() };
  if (nested === '') return [replaced];
  const at = lineEnd(text, end);
  return [replaced, { start: at, end: at, text: nested }];
}

/** Replaces an item of a block list. */
export function replaceItem(text: string, node: SourceNode, value: unknown, indentation: Indentation): Splice[] {
  const end = contentEnd(text, node);
  const [first = '', ...rest] = replacementLines(value, indentation);
  const nested = indented(rest, node.start - lineStart(text, node.start), text);
  const written = `${node.start === node.end ? ' ' : ''}${first}`;
  if (nested === '') return [{ start: node.start, end, text: written }];
  // A comment beside the old value stays beside the first line of the new one.
  const at = lineEnd(text, end);
  return [
    { start: node.start, end, text: written },
    { start: at, end: at, text: nested },
  ];
}

/** `key: value` as lines; what is nested stands deeper by one level. */
function memberLines(key: string, value: unknown, indentation: Indentation): string[] {
  return blockLines({ [key]: value }, indentation);
}

function itemLines(value: unknown, indentation: Indentation): string[] {
  return blockLines([value], { ...indentation, step: 2 });
}

function indented(lines: readonly string[], column: number, text: string): string {
  const margin = ' '.repeat(column);
  return lines.map((line) => lineEnding(text) + (line === '' ? '' : margin + line)).join('');
}

/** The column in which the members or items of a block collection begin. */
function columnOf(text: string, collection: MappingNode | ListNode): number {
  const before = text.slice(lineStart(text, collection.start), collection.start);
  return before.replace(/(?:\? +)?(?:[&!]\S* +)*$/, '').length;
}

/** Past the last character of a value; of a block scalar, past its last line that is not empty. */
function contentEnd(text: string, node: SourceNode): number {
  const last = lastNode(node);
  if (!isBlockScalar(last)) return last.end;
  let end = last.end;
  while (end > last.start && (text.charAt(end - 1) === '\n' || text.charAt(end - 1) === '\r')) end -= 1;
  return end;
}

function lastNode(node: SourceNode): SourceNode {
  if (node.kind === 'mapping' && !node.isFlow) {
    const last = node.entries.at(-1);
    if (last !== undefined) return last.node.end >= last.keyEnd ? lastNode(last.node) : node;
  }
  const item = node.kind === 'list' && !node.isFlow ? node.items.at(-1) : undefined;
  return item === undefined ? node : lastNode(item);
}

function isBlockScalar(node: SourceNode): boolean {
  return node.kind === 'scalar' && (node.style === 'literal' || node.style === 'folded');
}

/**
 * The end of the line after which a member can be added: that of the last one, or of comments that stand deeper than the
 * collection and so belong to it. The trailing lines of a `|+` scalar are its content.
 */
function insertionPoint(text: string, collection: MappingNode | ListNode, column: number): number {
  const last = lastNode(collection);
  if (isBlockScalar(last) && /^[|>][-\d]*\+/.test(text.slice(last.start, last.start + 4)) && text.charAt(last.end - 1) === '\n') {
    return last.end - lineEnding(text).length;
  }
  let point = lineEnd(text, contentEnd(text, collection));
  for (let at = point; at < text.length; ) {
    const next = lineEnd(text, text.indexOf('\n', at) + 1);
    const line = text.slice(lineStart(text, next), next);
    if (!/^[ \t]*(?:#.*)?$/.test(line) || text.indexOf('\n', at) < 0) break;
    if (line.trim() !== '') {
      if (line.search(/\S/) <= column) break;
      point = next;
    }
    at = next;
  }
  return point;
}
