import { flowText, jsonText } from './emit.ts';
import type { ListNode, MappingNode, ScalarStyle, SourceNode } from './source-node.ts';
import { lineEnd, lineEnding, lineStart, type Splice } from './splice.ts';

/** How values are written between brackets. */
export interface FlowStyle {
  readonly isJson: boolean;
  /** The style of the string that the JSON is embedded in. */
  readonly within?: ScalarStyle;
}

/** White space as it stands in the source, where an escaped line break counts as well. */
const BLANK = String.raw`(?:\s|\\[nrt])*`;
const SEPARATOR = new RegExp(`^${BLANK},${BLANK}$`);
const LEAD = new RegExp(`^${BLANK}$`);

/** Replaces a value that stands between brackets, or in a string. */
export function replaceFlow(text: string, node: SourceNode, value: unknown, style: FlowStyle): Splice[] {
  const indent = /^[ \t]*/.exec(text.slice(lineStart(text, node.start)))?.[0] ?? '';
  const layout = { indent, step: indent.startsWith('\t') ? '\t' : '  ' };
  const isEmpty = node.start === node.end;
  const written = writeValue(value, style, isPretty(text, node) ? layout : undefined);
  return [{ start: node.start, end: node.end, text: isEmpty ? ` ${written}` : written }];
}

/** A value that is alone on its line, in a text laid out over several lines, is laid out so too. */
function isPretty(text: string, { start, end }: SourceNode): boolean {
  return /^\s*"[^"]*"\s*: $/.test(text.slice(lineStart(text, start), start)) && /^,?\s*$/.test(text.slice(end, lineEnd(text, end)));
}

/** Replaces a member, key and value, that stands between brackets. */
export function writeKey(key: string, style: FlowStyle): string {
  return encode(style.isJson ? JSON.stringify(key) : flowText(key), style);
}

/** Adds a member, or an item, after the last one, laid out as that is. The collection must have one. */
export function addToFlow(
  text: string,
  collection: MappingNode | ListNode,
  key: string | undefined,
  value: unknown,
  style: FlowStyle,
): Splice[] {
  const spans = entrySpans(collection);
  const last = spans.at(-1);
  if (last === undefined) return [];
  const separator = separatorOf(text, collection, spans, style);
  const colon = colonOf(text, collection, style);
  const written =
    (key === undefined ? '' : writeKey(key, style) + colon) + writeValue(value, style, layoutOf(text, collection, separator, style));
  const rest = /^[ \t]*(,?)[ \t]*#/.exec(text.slice(last.end, lineEnd(text, last.end)));
  if (rest === null || style.isJson) return [{ start: last.end, end: last.end, text: separator + written }];
  // A comment after the last one stays there, so the comma goes before it and the new one after it.
  const column = ' '.repeat(last.start - lineStart(text, last.start));
  const newLine = separator.includes('\n') ? separator.replace(',', '').trimStart() : '';
  const comma = rest[1] === '' ? [{ start: last.end, end: last.end, text: ',' }] : [];
  const end = lineEnd(text, last.end);
  return [...comma, { start: end, end, text: `${lineEnding(text)}${newLine || column}${written}` }];
}

interface Span {
  readonly start: number;
  readonly end: number;
}

function entrySpans(collection: MappingNode | ListNode): Span[] {
  if (collection.kind === 'list') return collection.items;
  return collection.entries.map(({ keyStart, keyEnd, node }) => ({ start: keyStart, end: Math.max(keyEnd, node.end) }));
}

/** The comma and the white space that go before the new one. */
function separatorOf(text: string, collection: MappingNode | ListNode, spans: readonly Span[], style: FlowStyle): string {
  const last = spans.at(-1);
  const previous = spans.at(-2);
  if (last === undefined) return '';
  const between = previous === undefined ? undefined : text.slice(previous.end, last.start);
  if (between !== undefined && SEPARATOR.test(between)) return between;
  const lead = text.slice(collection.start + 1, last.start);
  if (previous === undefined && LEAD.test(lead) && /\n|\\n/.test(lead)) return `,${lead}`;
  if (text.slice(collection.start, last.start).includes('\n'))
    return `,${lineEnding(text)}${' '.repeat(last.start - lineStart(text, last.start))}`;
  return style.isJson && colonOf(text, collection, style) === ':' ? ',' : ', ';
}

function colonOf(text: string, collection: MappingNode | ListNode, style: FlowStyle): string {
  const last = collection.kind === 'mapping' ? collection.entries.at(-1) : undefined;
  const between = last === undefined ? '' : text.slice(last.keyEnd, last.node.start);
  return /^ *: *$/.test(between) && (style.isJson || between.endsWith(' ')) ? between : ': ';
}

/** The layout of a value over several lines, where the others are so and the string around allows it. */
function layoutOf(
  text: string,
  collection: MappingNode | ListNode,
  separator: string,
  style: FlowStyle,
): { indent: string; step: string } | undefined {
  const newline = separator.lastIndexOf('\n');
  const allowed = style.within === undefined || style.within === 'single' || style.within === 'literal';
  if (!style.isJson || newline < 0 || !allowed) return undefined;
  const indent = separator.slice(newline + 1);
  const closing = /[ \t]*$/.exec(text.slice(lineStart(text, collection.end - 1), collection.end - 1))?.[0] ?? '';
  const step = indent.startsWith(closing) ? indent.slice(closing.length) : '';
  return { indent, step: step === '' ? '  ' : step };
}

function writeValue(value: unknown, style: FlowStyle, layout?: { indent: string; step: string }): string {
  return style.isJson ? encode(jsonText(value, layout), style) : flowText(value);
}

/** The JSON as it has to stand in the string around it. */
function encode(json: string, { within }: FlowStyle): string {
  if (within === 'single') return json.replaceAll("'", "''");
  return within === 'double' || within === 'json' ? JSON.stringify(json).slice(1, -1) : json;
}
