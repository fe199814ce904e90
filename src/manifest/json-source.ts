import jsonc from 'jsonc-parser';
import { type ListNode, MAX_DEPTH, type MappingEntry, type MappingNode, type SourceNode } from './source-node.ts';
import type { Fault } from './syntax-problem.ts';

/** JSON values that follow each other in a text, up to the first fault. */
export interface JsonSource {
  readonly roots: readonly SourceNode[];
  readonly fault?: Fault;
}

const STRICT = { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false };

/** Messages by jsonc-parser's ParseErrorCode, which is a const enum and so has no names at run time. */
const MESSAGES: Readonly<Record<number, string>> = {
  1: 'unexpected symbol',
  2: 'invalid number',
  3: 'expected a property name in double quotes',
  4: 'expected a value',
  5: 'expected ":"',
  6: 'expected ","',
  7: 'expected "}"',
  8: 'expected "]"',
  9: 'unexpected text after the end of the JSON value',
  10: 'comments are not allowed in JSON',
  11: 'unexpected end of the comment',
  12: 'unexpected end of the string',
  13: 'unexpected end of the number',
  14: 'invalid unicode escape',
  15: 'invalid escape in a string',
  16: 'invalid character',
};

const TRAILING_TEXT = 9;

/** Ends a visit that would otherwise go on, or recurse on. */
class Stop extends Error {
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(fault.message);
    this.fault = fault;
  }
}

/** Reads JSON strictly as RFC 8259 has it; `jq` and `kubectl` also write several values one after the other. Never throws. */
export function readJson(text: string): JsonSource {
  const roots: SourceNode[] = [];
  let offset = text.startsWith('\uFEFF') ? 1 : 0;
  for (;;) {
    const value = readValue(text.slice(offset), offset);
    if (value.root !== undefined) roots.push(value.root);
    if (value.fault !== undefined) return { roots, fault: value.fault };
    if (value.next === undefined) return { roots };
    offset = value.next;
  }
}

interface JsonValue {
  readonly root?: SourceNode;
  readonly fault?: Fault;
  /** Where another value begins after this one. */
  readonly next?: number;
}

function readValue(text: string, base: number): JsonValue {
  const builder = new JsonBuilder(base);
  try {
    jsonc.visit(text, builder.visitor, STRICT);
  } catch (thrown) {
    if (!(thrown instanceof Stop)) throw thrown;
    return { fault: thrown.fault };
  }
  const { root, next } = builder;
  return { ...(root === undefined ? {} : { root }), ...(next === undefined ? {} : { next }) };
}

/** A mapping or list whose end has not been seen. */
type Unfinished = { -readonly [K in keyof MappingNode]: MappingNode[K] } | { -readonly [K in keyof ListNode]: ListNode[K] };

type Key = Pick<MappingEntry, 'key' | 'keyStart' | 'keyEnd'>;

/** Collects what the parser visits into a tree; offsets are moved by `base`. */
class JsonBuilder {
  root: SourceNode | undefined;
  next: number | undefined;
  readonly #base: number;
  readonly #open: Unfinished[] = [];
  #key: Key = { key: '', keyStart: 0, keyEnd: 0 };
  readonly #keys: Key[] = [];

  constructor(base: number) {
    this.#base = base;
  }

  readonly visitor: Parameters<typeof jsonc.visit>[1] = {
    onObjectBegin: (offset) => this.#begin({ kind: 'mapping', isFlow: true, entries: [], start: this.#base + offset, end: 0 }),
    onArrayBegin: (offset) => this.#begin({ kind: 'list', isFlow: true, items: [], start: this.#base + offset, end: 0 }),
    onObjectEnd: (offset) => this.#end(offset),
    onArrayEnd: (offset) => this.#end(offset),
    onObjectProperty: (key, offset, length) => {
      this.#key = { key, keyStart: this.#base + offset, keyEnd: this.#base + offset + length };
    },
    onLiteralValue: (value: unknown, offset, length) => {
      const start = this.#base + offset;
      this.#add({ kind: 'scalar', style: 'json', value, start, end: start + length });
    },
    onError: (code, offset) => {
      const start = this.#base + offset;
      const isNext = code === TRAILING_TEXT && this.root !== undefined;
      if (!isNext) throw new Stop({ start, message: MESSAGES[code] ?? 'invalid JSON' });
      this.next = start;
    },
  };

  #begin(node: Unfinished): void {
    if (this.#open.length >= MAX_DEPTH) throw new Stop({ start: node.start, message: `nested deeper than ${MAX_DEPTH} levels` });
    this.#open.push(node);
    this.#keys.push(this.#key);
  }

  #end(offset: number): void {
    const node = this.#open.pop();
    this.#key = this.#keys.pop() ?? this.#key;
    if (node === undefined) return;
    node.end = this.#base + offset + 1;
    this.#add(node);
  }

  #add(node: SourceNode): void {
    const parent = this.#open.at(-1);
    if (parent === undefined) this.root = node;
    else if (parent.kind === 'list') parent.items.push(node);
    else {
      // Member by member: a spread takes as long as parsing the entry.
      const { key, keyStart, keyEnd } = this.#key;
      parent.entries.push({ key, keyStart, keyEnd, isMerge: false, node });
    }
  }
}
