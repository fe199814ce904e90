import type { JsonObject } from '../core/json.ts';
import type { Path } from '../core/path.ts';
import { locate, locateOffset } from './locate.ts';
import type { SourceNode } from './source-node.ts';
import type { Position, TextLines } from './text-lines.ts';

/** A node, or what parses the text for it when it is asked for. */
type Source = SourceNode | (() => SourceNode);

/** An object with the text it was read from. */
export class Manifest {
  readonly file: string;
  readonly object: JsonObject;
  readonly lines: TextLines;
  readonly #root: Source;
  readonly #document: Source;

  constructor(origin: { readonly file: string; readonly lines: TextLines; readonly document: Source }, object: JsonObject, root: Source) {
    this.file = origin.file;
    this.lines = origin.lines;
    this.#document = origin.document;
    this.object = object;
    this.#root = root;
  }

  get root(): SourceNode {
    return nodeOf(this.#root);
  }

  /** The root of the document around it, which for an item of a `List` is another. */
  get document(): SourceNode {
    return nodeOf(this.#document);
  }

  /** The 1-based line on which the object begins. */
  get line(): number {
    return this.locate([]).line;
  }

  /** @see locate */
  locate(path: Path): Position {
    return locate(this.lines, this.root, path);
  }

  /** The place of a character of the string at `path`, for problems inside it. */
  locateOffset(path: Path, offset: number): Position {
    return locateOffset(this.lines, this.root, path, offset);
  }
}

function nodeOf(source: Source): SourceNode {
  return typeof source === 'function' ? source() : source;
}
