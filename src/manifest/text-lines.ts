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
    const starts = this.#starts();
    const start = starts[number - 1] ?? this.text.length;
    const next = starts[number];
    if (next === undefined) return this.text.slice(start);
    return this.text.slice(start, this.text[next - 2] === '\r' && next - 2 >= start ? next - 2 : next - 1);
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
