import { LineCounter } from 'yaml';

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
  #counter: LineCounter | undefined;

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
    const starts = this.#lines().lineStarts;
    const start = starts[number - 1] ?? this.text.length;
    const next = starts[number];
    if (next === undefined) return this.text.slice(start);
    return this.text.slice(start, this.text[next - 2] === '\r' && next - 2 >= start ? next - 2 : next - 1);
  }

  #place(offset: number): { line: number; column: number } {
    const { line, col } = this.#lines().linePos(Math.min(offset, this.text.length));
    // A byte order mark is no column to whoever looks at the file.
    return { line, column: line === 1 && col > 1 && this.text.startsWith('\uFEFF') ? col - 1 : col };
  }

  #lines(): LineCounter {
    if (this.#counter === undefined) {
      this.#counter = new LineCounter();
      this.#counter.addNewLine(0);
      for (let at = this.text.indexOf('\n'); at >= 0; at = this.text.indexOf('\n', at + 1)) this.#counter.addNewLine(at + 1);
    }
    return this.#counter;
  }
}
