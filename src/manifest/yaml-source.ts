import {
  Composer,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  type Pair,
  Parser,
  Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { READING_SCHEMA } from './scalars.ts';
import {
  type AliasNode,
  MAX_DEPTH,
  type MappingEntry,
  type MappingNode,
  type ScalarNode,
  type ScalarStyle,
  type SourceNode,
} from './source-node.ts';
import type { Fault } from './syntax-problem.ts';
import { yamlFault } from './yaml-fault.ts';

/** One document of a text: its content, or why there is none. A document that is empty has neither. */
export interface SourceDocument {
  readonly root?: SourceNode;
  readonly faults: readonly Fault[];
}

const OPTIONS = { schema: READING_SCHEMA, uniqueKeys: false, logLevel: 'silent' } as const;

const STYLES: Readonly<Record<string, ScalarStyle>> = {
  [Scalar.QUOTE_SINGLE]: 'single',
  [Scalar.QUOTE_DOUBLE]: 'double',
  [Scalar.BLOCK_LITERAL]: 'literal',
  [Scalar.BLOCK_FOLDED]: 'folded',
};

/** The documents of a YAML text, in order. Never throws: a document that cannot be read carries its first fault. */
export function readYaml(text: string): SourceDocument[] {
  const documents = readStream(text, 0, text);
  const starts = Array.from(text.matchAll(/^---(?=\s)/gm), ({ index }) => index);
  const isRead = documents.every(({ faults }) => faults.length === 0);
  if (isRead || starts.length === 0 || text.includes('%YAML')) return documents;
  // An open quote swallows what follows it, though no scalar may contain a line `---`: read what these lines part one by one.
  return [0, ...starts].flatMap((start, index) => readStream(text.slice(start, starts[index]), start, text));
}

/** @param offset where `part` begins in `text`. */
function readStream(part: string, offset: number, text: string): SourceDocument[] {
  const documents: SourceDocument[] = [];
  const composer = new Composer(OPTIONS);
  const parser = new Parser();
  parser.offset = offset;
  for (const lexeme of new Lexer().lex(part)) {
    for (const token of parser.next(lexeme)) documents.push(...composed(composer.next(token), text));
    // The library recurses over what is open. V8 aborts the process, which cannot be caught, when that leaves a RegExp no stack.
    if (parser.stack.length > MAX_DEPTH) {
      const start = parser.offset;
      return [...documents, ...composed(composer.end(), text), { faults: [{ start, message: `nested deeper than ${MAX_DEPTH} levels` }] }];
    }
  }
  for (const token of parser.end()) documents.push(...composed(composer.next(token), text));
  return [...documents, ...composed(composer.end(true, offset + part.length), text)];
}

function composed(documents: Iterable<Document>, text: string): SourceDocument[] {
  return Array.from(documents, (document) => readDocument(document, text));
}

function readDocument(document: Document, text: string): SourceDocument {
  const [error] = document.errors.toSorted((a, b) => a.pos[0] - b.pos[0]);
  if (error !== undefined) return { faults: [yamlFault(error, document, text)] };
  if (document.contents === null) return { faults: [] };
  const builder = new TreeBuilder();
  const root = builder.build(document.contents);
  // kubectl skips a document that says `null` as it skips an empty one.
  const isEmpty = root.kind === 'scalar' && root.value === null;
  return isEmpty ? { faults: builder.faults } : { root, faults: builder.faults };
}

/** Turns one document of the library into the tree of this room, with aliases bound to what they stand for. */
class TreeBuilder {
  readonly faults: Fault[] = [];
  readonly #anchors = new Map<string, SourceNode>();
  readonly #unfinished = new Set<SourceNode>();

  build(node: unknown, offset = 0): SourceNode {
    if (isScalar(node)) return this.#scalar(node, offset);
    if (isMap(node)) return this.#mapping(node);
    if (isSeq(node)) return this.#list(node);
    if (isAlias(node)) return this.#alias(node.source, node.range?.[0] ?? offset);
    return emptyScalar(offset);
  }

  #scalar(node: Scalar, offset: number): ScalarNode {
    const [start, end] = node.range ?? [offset, offset];
    const style = STYLES[node.type ?? ''] ?? 'plain';
    const scalar = { kind: 'scalar', style, value: this.#value(node.value, start), start, end } as const;
    return this.#anchored(node.anchor === undefined ? scalar : { ...scalar, anchor: node.anchor }, node.anchor);
  }

  #value(value: unknown, start: number): unknown {
    if (typeof value !== 'number' || Number.isFinite(value)) return value;
    this.faults.push({ start, message: 'infinity and NaN have no JSON form', hint: 'quote the value if it is a string' });
    return null;
  }

  #mapping(map: YAMLMap): MappingNode {
    const [start, end] = map.range ?? [0, 0];
    const mapping: MappingNode = { kind: 'mapping', isFlow: map.flow === true, entries: [], start, end, ...anchorOf(map) };
    this.#anchored(mapping, map.anchor);
    this.#unfinished.add(mapping);
    for (const pair of map.items) mapping.entries.push(this.#entry(pair, start));
    this.#unfinished.delete(mapping);
    return mapping;
  }

  #entry(pair: Pair, offset: number): MappingEntry {
    const key = this.build(pair.key, offset);
    const isMerge = key.kind === 'scalar' && key.style === 'plain' && key.value === '<<';
    return { key: this.#keyName(key), keyStart: key.start, keyEnd: key.end, isMerge, node: this.build(pair.value, key.end) };
  }

  #keyName(key: SourceNode): string {
    const named = key.kind === 'alias' ? key.target : key;
    const value = named.kind === 'scalar' ? named.value : undefined;
    if (typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    this.faults.push({ start: key.start, message: 'a key must be a string', hint: 'quote the key if it is meant as text' });
    return '';
  }

  #list(sequence: YAMLSeq): SourceNode {
    const [start, end] = sequence.range ?? [0, 0];
    const items: SourceNode[] = [];
    const list = this.#anchored(
      { kind: 'list', isFlow: sequence.flow === true, items, start, end, ...anchorOf(sequence) } as const,
      sequence.anchor,
    );
    this.#unfinished.add(list);
    for (const item of sequence.items) items.push(this.build(item, start));
    this.#unfinished.delete(list);
    return list;
  }

  #alias(name: string, start: number): AliasNode | ScalarNode {
    const target = this.#anchors.get(name);
    const end = start + name.length + 1;
    if (target !== undefined && !this.#unfinished.has(target)) return { kind: 'alias', target, start, end };
    const message = target === undefined ? `unknown anchor "${name}"` : `anchor "${name}" contains itself`;
    this.faults.push({ start, message });
    return emptyScalar(start);
  }

  #anchored<T extends SourceNode>(node: T, anchor: string | undefined): T {
    if (anchor !== undefined) this.#anchors.set(anchor, node);
    return node;
  }
}

function anchorOf(node: { anchor?: string }): { anchor?: string } {
  return node.anchor === undefined ? {} : { anchor: node.anchor };
}

function emptyScalar(offset: number): ScalarNode {
  return { kind: 'scalar', style: 'plain', value: null, start: offset, end: offset };
}
