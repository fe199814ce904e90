/** A column of a table on a terminal, of rows of type `Row`. */
export interface Column<Row> {
  readonly title: string;
  readonly align: 'left' | 'right';
  readonly text: (row: Row) => string;
  /** What of a text stays when the column is too narrow for it. */
  readonly keeps: 'start' | 'end';
  /** It is not made narrower than this, but left out. */
  readonly leastWidth: number;
  /** Columns with higher numbers give way first. */
  readonly rank: number;
}

const GAP = '  ';

/**
 * A table of a header and rows, one line each, no line wider than `width`. Not a library's: the two that were measured, cli-table3 and
 * log-update, took 16 and more than 100 ms for 48 rows, and a second of watching may take 20.
 */
export function formatColumns<Row>(columns: readonly Column<Row>[], rows: readonly Row[], width: number): string[] {
  const natural = columns.map((column) => {
    const cells = rows.map((row) => plain(column.text(row)));
    return { column, cells, width: Math.max(column.title.length, ...cells.map((cell) => cell.length)) };
  });
  const fitted = narrow(natural, width);
  const line = (texts: readonly string[]): string =>
    fitted
      .map((column, index) => pad(clip(texts[index] ?? '', column.width, column.column.keeps), column.width, column.column.align))
      .join(GAP)
      .trimEnd();
  return [
    line(fitted.map(({ column }) => column.title)),
    ...rows.map((_row, index) => line(fitted.map(({ cells }) => cells[index] ?? ''))),
  ].map((text) => clip(text, width, 'start'));
}

interface Fitted {
  readonly column: Pick<Column<never>, 'keeps' | 'leastWidth' | 'rank' | 'align' | 'title'>;
  readonly cells: readonly string[];
  readonly width: number;
}

/** Makes columns narrower, in the order of their ranks; where that does not suffice, one goes, and the others have its room. */
function narrow<C extends Fitted>(columns: readonly C[], width: number): readonly C[] {
  let excess = columns.reduce((sum, column) => sum + column.width, 0) + GAP.length * (columns.length - 1) - width;
  if (excess <= 0) return columns;
  const byRank = columns.toSorted((a, b) => b.column.rank - a.column.rank);
  const narrowed = new Map<C, number>();
  for (const column of byRank) {
    const given = Math.max(0, Math.min(excess, column.width - column.column.leastWidth));
    narrowed.set(column, column.width - given);
    excess -= given;
  }
  const [first] = byRank;
  if (excess > 0 && columns.length > 1)
    return narrow(
      columns.filter((column) => column !== first),
      width,
    );
  return columns.map((column) => ({ ...column, width: narrowed.get(column) ?? column.width }));
}

function pad(text: string, width: number, align: 'left' | 'right'): string {
  return align === 'left' ? text.padEnd(width) : text.padStart(width);
}

/** A text of at most `width` characters; what was cut off is an ellipsis. */
export function clip(text: string, width: number, keeps: 'start' | 'end' = 'start'): string {
  if (text.length <= width) return text;
  if (width <= 1) return '…'.slice(0, Math.max(0, width));
  return keeps === 'start' ? `${text.slice(0, width - 1)}…` : `…${text.slice(1 - width)}`;
}

/** A text of which every character takes one cell of a terminal and none moves its cursor: the others become question marks. */
export function plain(text: string): string {
  return text.replace(/[^\x20-\x7e]/gu, '?');
}
