/** A place in a text, 1-based; columns count UTF-16 code units, and the end is past the last character, as in SARIF. */
export interface Position {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** A text with its lines, which are counted when the first position is asked for. */
export class TextLines {
  readonly text: string;
  #lineStarts: readonly number[] | undefined;

  constructor(text: string) {
    this.text = text;
  }

  position(start: number, end: number): Position {
    const from = this.#place(start);
    const to = this.#place(Math.max(start, end));
    return { line: from.line, column: from.column, endLine: to.line, endColumn: to.column };
  }

  /** The text of a 1-based line, without its line ending. */
  line(number: number): string {
    const start = this.#starts()[number - 1] ?? this.text.length;
    return this.text.slice(start, this.#endOf(number, start));
  }

  /** Where the line of the character at `offset` ends, without its line ending; not before the character. */
  endOfLine(offset: number): number {
    return Math.max(offset, this.#endOf(countUpTo(offset, this.#starts()), offset));
  }

  /** Where the line ending of a 1-based line begins, as seen from `from` on, which may be within it. */
  #endOf(number: number, from: number): number {
    const next = this.#starts()[number];
    if (next === undefined) return this.text.length;
    return this.text[next - 2] === '\r' && next - 2 >= from ? next - 2 : next - 1;
  }

  #place(offset: number): { line: number; column: number } {
    const starts = this.#starts();
    const at = Math.min(offset, this.text.length);
    const line = countUpTo(at, starts);
    const column = at - (starts[line - 1] ?? 0) + 1;
    // A byte order mark is no column to whoever looks at the file.
    return { line, column: line === 1 && column > 1 && this.text.startsWith('\uFEFF') ? column - 1 : column };
  }

  #starts(): readonly number[] {
    this.#lineStarts ??= lineStartsIn(this.text);
    return this.#lineStarts;
  }
}

function lineStartsIn(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** How many of these ascending numbers are at most `limit`. */
function countUpTo(limit: number, ascending: readonly number[]): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
