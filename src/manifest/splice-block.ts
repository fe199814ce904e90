import { blockLines, type Indentation } from './emit.ts';
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

/** Replaces the value of a member of a block mapping; its key, and a comment beside it, stay. */
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
  const [first = '', ...rest] = memberLines('k', value, indentation).map((line, index) => (index === 0 ? line.slice('k:'.length) : line));
  const nested = rest.length === 0 ? '' : indented(rest, columnOf(text, mapping), text);
  const { node } = entry;
  if (node.start <= lineEnd(text, entry.keyEnd)) return replaceInline(text, node, afterColon, first, nested);
  const keyLine = text.slice(afterColon, lineEnd(text, afterColon));
  const properties = afterColon + keyLine.replace(/(?:^|[ \t])[ \t]*(?:#.*)?$/, '').length;
  const removedFrom = lineEnd(text, lineStart(text, node.start) - 1 - (lineEnding(text).length - 1));
  return [
    { start: afterColon, end: properties, text: first },
    { start: removedFrom, end: lineEnd(text, contentEnd(text, node)), text: nested },
  ];
}

/** Replaces a value that begins on the line of its key. */
function replaceInline(text: string, node: SourceNode, afterColon: number, first: string, nested: string): Splice[] {
  const end = contentEnd(text, node);
  const isEmpty = node.start === node.end;
  const replaced = { start: afterColon, end: isEmpty ? afterColon : end, text: first };
  if (nested === '') return [replaced];
  const at = lineEnd(text, Math.max(end, afterColon));
  return [replaced, { start: at, end: at, text: nested }];
}

/** Replaces an item of a block list. */
export function replaceItem(text: string, node: SourceNode, value: unknown, indentation: Indentation): Splice[] {
  const end = contentEnd(text, node);
  const column = ' '.repeat(node.start - lineStart(text, node.start));
  const written = blockLines(value, indentation).join(`${lineEnding(text)}${column}`);
  return [{ start: node.start, end, text: node.start === node.end ? ` ${written}` : written }];
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
