import { parse, stringify } from 'yaml';
import { isObject } from '../../src/core/json.ts';

type Term = { readonly literal: string | number } | { readonly field: readonly string[] } | { readonly run: Run };
type Run = (...operands: never[]) => unknown;
type Pipeline = readonly (readonly Term[])[];
type Piece = string | { readonly action: string };
type Node = string | Pipeline | Block;

interface Block {
  /** `with`, not `if`. */
  readonly setsDot: boolean;
  readonly condition: Pipeline;
  readonly whenTrue: Template;
  readonly whenFalse: Template;
}

/** A template that was read: text, values and conditions. */
export type Template = readonly Node[];

const ACTION = /\{\{(- )?(.*?)( -)?\}\}/gs;
const COMMENT = /^\/\*.*\*\/$/s;
const TERM = /^\s*(?:"(?<text>[^"\\]*)"|(?<number>\d+)|(?<field>(?:\.\w+)+|\.)|(?<name>\w+)|(?<bar>\|))(?=\s|\||$)/;

const FUNCTIONS: Readonly<Record<string, Run>> = {
  default: (fallback: unknown, value: unknown) => (isTrue(value) ? value : fallback),
  eq: (left: unknown, right: unknown) => left === right,
  fromYaml: (text: string) => parse(text),
  nindent: (width: number, text: string) => `\n${text}`.replaceAll('\n', `\n${' '.repeat(width)}`),
  not: (value: unknown) => !isTrue(value),
  quote: (value: unknown) => JSON.stringify(String(value)),
  toYaml: (value: unknown) => stringify(value, { sortMapEntries: true, lineWidth: 0 }).trimEnd(),
};

/**
 * Reads a template of the subset of Go's text/template that the chart keeps to: fields, strings, numbers, pipelines of `FUNCTIONS`,
 * comments, `if`, `with`, `else`, `end`.
 * @throws Error on whatever else there is
 */
export function parseTemplate(source: string): Template {
  const { nodes, stop } = parseNodes(piecesOf(source));
  if (stop !== undefined) throw new Error(`there is no {{ ${stop} }} here`);
  return nodes;
}

/** Takes nodes off the pieces, and the `else` or `end` after them, which is an outer block's. */
function parseNodes(pieces: Piece[]): { readonly nodes: Template; readonly stop?: string } {
  const nodes: Node[] = [];
  for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift()) {
    const { action = '' } = typeof piece === 'string' ? {} : piece;
    const [, word, rest = ''] = /^(if|with|else|end)\b(.*)$/s.exec(action) ?? [];
    if (word === 'else' || word === 'end') return { nodes, stop: action };
    if (typeof piece === 'string') nodes.push(piece);
    else nodes.push(word === undefined ? parsePipeline(action) : parseBlock(word, rest, pieces));
  }
  return { nodes };
}

function parseBlock(word: string, condition: string, pieces: Piece[]): Block {
  const first = parseNodes(pieces);
  const second = first.stop === 'else' ? parseNodes(pieces) : { ...first, nodes: [] };
  if (second.stop === undefined) throw new Error(`{{ ${word}${condition} }} has no {{ end }}`);
  if (second.stop !== 'end') throw new Error(`there is no {{ ${second.stop} }} here`);
  return { setsDot: word === 'with', condition: parsePipeline(condition), whenTrue: first.nodes, whenFalse: second.nodes };
}

/** Texts and actions in turn, the white space trimmed that `{{-` and `-}}` trim; without comments. */
function piecesOf(source: string): Piece[] {
  const pieces: Piece[] = [];
  let [end, trims] = [0, false];
  const text = (upTo: number): string => (trims ? source.slice(end, upTo).trimStart() : source.slice(end, upTo));
  for (const match of source.matchAll(ACTION)) {
    const [all, trimsBefore, action = '', trimsAfter] = match;
    pieces.push(trimsBefore === undefined ? text(match.index) : text(match.index).trimEnd());
    if (!COMMENT.test(action)) pieces.push({ action: action.trim() });
    [end, trims] = [match.index + all.length, trimsAfter !== undefined];
  }
  return [...pieces, text(source.length)];
}

function parsePipeline(text: string): Pipeline {
  const calls: Term[][] = [[]];
  for (let rest = text; rest.trim() !== ''; ) {
    const { 0: all = '', groups = {} } = TERM.exec(rest) ?? {};
    if (all === '') throw new Error(`cannot read {{ ${text.trim()} }} from ${JSON.stringify(rest.trim())} on`);
    rest = rest.slice(all.length);
    if (groups['bar'] !== undefined) calls.push([]);
    else calls.at(-1)?.push(termOf(groups));
  }
  if (calls.some((call) => call.length === 0)) throw new Error(`{{ ${text.trim()} }} lacks a value`);
  return calls;
}

function termOf({ text, number, field, name = '' }: { readonly [group: string]: string | undefined }): Term {
  if (text !== undefined) return { literal: text };
  if (number !== undefined) return { literal: Number(number) };
  if (field !== undefined) return { field: field.split('.').filter((key) => key !== '') };
  const run = FUNCTIONS[name];
  if (run === undefined) throw new Error(`there is no function ${name}`);
  return { run };
}

/** What a template makes of its data. @throws Error where it reads what the data do not have */
export function render(template: Template, dot: unknown): string {
  return template
    .map((node) => {
      if (typeof node === 'string') return node;
      if ('condition' in node) {
        const value = evaluate(node.condition, dot);
        return isTrue(value) ? render(node.whenTrue, node.setsDot ? value : dot) : render(node.whenFalse, dot);
      }
      const value = evaluate(node, dot);
      if (typeof value === 'object') throw new Error(`a mapping or list is printed: ${JSON.stringify(node)}`);
      return String(value);
    })
    .join('');
}

function evaluate(pipeline: Pipeline, dot: unknown): unknown {
  let piped: unknown[] = [];
  for (const call of pipeline) {
    const [callee, ...operands] = [...call.map((term) => valueOfTerm(term, dot)), ...piped];
    if (typeof callee !== 'function' && operands.length > 0) throw new Error(`${JSON.stringify(call[0])} is no function`);
    piped = [typeof callee === 'function' ? callee(...operands) : callee];
  }
  return piped[0];
}

function valueOfTerm(term: Term, dot: unknown): unknown {
  if ('literal' in term) return term.literal;
  if ('run' in term) return term.run;
  return term.field.reduce((value, key) => {
    if (!isObject(value) || !(key in value)) throw new Error(`there is no .${term.field.join('.')}`);
    return value[key];
  }, dot);
}

/** As Go has it: false, 0, "", nothing, and what is empty are not. */
function isTrue(value: unknown): boolean {
  return Boolean(typeof value === 'object' && value !== null ? Object.keys(value).length : value);
}

/** All fields that a template may read, as keys. */
export function fieldsOf(template: Template): (readonly string[])[] {
  return template.flatMap((node) => {
    if (typeof node === 'string') return [];
    if ('condition' in node) return [...fieldsOf([node.condition]), ...fieldsOf(node.whenTrue), ...fieldsOf(node.whenFalse)];
    return node.flat().flatMap((term) => ('field' in term ? [term.field] : []));
  });
}
