import { Document, type ToStringOptions } from 'yaml';
import { isObject } from '../core/json.ts';
import { WRITING_SCHEMA } from './scalars.ts';

/** How a document is indented, as found in it. */
export interface Indentation {
  /** Spaces per level. */
  readonly step: number;
  /** Whether the dashes of a list stand deeper than its key. */
  readonly isListIndented: boolean;
}

const OPTIONS: ToStringOptions = { lineWidth: 0, flowCollectionPadding: false };

function toYaml(value: unknown, options: ToStringOptions): string {
  const document = new Document(value, { schema: WRITING_SCHEMA, aliasDuplicateObjects: false });
  return document.toString({ ...OPTIONS, ...options }).replace(/\n$/, '');
}

/** The value as lines of block YAML, not indented; strings that YAML or Kubernetes would read as another type are quoted. */
export function blockLines(value: unknown, { step, isListIndented }: Indentation): string[] {
  return toYaml(value, { indent: step, indentSeq: isListIndented }).split('\n');
}

/**
 * The same in the place of another value: text of several lines is quoted, not a block scalar, which would swallow the
 * comments and empty lines that follow.
 */
export function replacementLines(value: unknown, { step, isListIndented }: Indentation): string[] {
  if (typeof value === 'string') return [flowText(value)];
  return toYaml(value, { indent: step, indentSeq: isListIndented, blockQuote: false }).split('\n');
}

/** The value as YAML on one line. */
export function flowText(value: unknown): string {
  const text = toYaml(value, { collectionStyle: 'flow', blockQuote: false });
  return text.includes('\n') ? inlineJson(value) : text;
}

/** The value as JSON on one line, or with `indent` before each line but the first and `step` more per level. */
export function jsonText(value: unknown, layout?: { readonly indent: string; readonly step: string }): string {
  return layout === undefined ? inlineJson(value) : JSON.stringify(value, null, layout.step).replaceAll('\n', `\n${layout.indent}`);
}

function inlineJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inlineJson).join(', ')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}: ${inlineJson(member)}`);
  return `{${members.join(', ')}}`;
}

/** The values as one text of many YAML documents, indented by two. Text of several lines is a block scalar. */
export function documentsOf(values: readonly unknown[]): string {
  return values.map((value) => `---\n${toYaml(value, { indentSeq: false })}\n`).join('');
}
