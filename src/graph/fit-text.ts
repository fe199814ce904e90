/** Half-width and full-width letters of a monospaced font; East Asian letters and pictures take two cells. */
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f000}-\u{3fffd}]/u;

/** The width of a text in cells, never too small for the fonts that the picture asks for. */
export function cellsOf(text: string): number {
  let cells = 0;
  for (const letter of text) cells += WIDE.test(letter) ? 2 : 1;
  return cells;
}

/** The text within so many cells: its middle makes room, since names differ at their ends. */
export function shorten(text: string, cells: number): string {
  if (cellsOf(text) <= cells) return text;
  const letters = [...text];
  const half = Math.floor((cells - 1) / 2);
  return `${take(letters, cells - 1 - half)}…${[...take(letters.toReversed(), half)].reverse().join('')}`;
}

function take(letters: Iterable<string>, cells: number): string {
  let taken = '';
  for (const letter of letters) {
    if (cellsOf(taken) + cellsOf(letter) > cells) break;
    taken += letter;
  }
  return taken;
}

/** A name on at most `lines` lines of so many cells, broken after a separator where one is near the end. */
export function wrap(text: string, cells: number, lines: number): string[] {
  if (lines === 1 || cellsOf(text) <= cells) return [shorten(text, cells)];
  const head = take(text, cells);
  const separator = Math.max(...['-', '.', '/', ' ', '_', '='].map((mark) => head.lastIndexOf(mark))) + 1;
  const end = separator > head.length / 2 ? separator : head.length;
  return [text.slice(0, end), ...wrap(text.slice(end), cells, lines - 1)];
}
