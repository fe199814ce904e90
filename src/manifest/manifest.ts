import type { JsonObject } from '../core/json.ts';
import type { Path } from '../core/path.ts';
import { locate, locateOffset } from './locate.ts';
import type { SourceNode } from './source-node.ts';
import type { Position, TextLines } from './text-lines.ts';

/** An object with the text it was read from. */
export class Manifest {
  readonly file: string;
  readonly object: JsonObject;
  readonly lines: TextLines;
  readonly root: SourceNode;
  /** The root of the document around it, which for an item of a `List` is another. */
  readonly document: SourceNode;

  constructor(
    origin: { readonly file: string; readonly lines: TextLines; readonly document: SourceNode },
    object: JsonObject,
    root: SourceNode,
  ) {
    this.file = origin.file;
    this.lines = origin.lines;
    this.document = origin.document;
    this.object = object;
    this.root = root;
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
