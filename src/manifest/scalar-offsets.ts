import type { ScalarNode } from './source-node.ts';

/** YAML's escapes in double quotes, which include JSON's. */
const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  '/': '/',
  '\\': '\\',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
  '\n': '',
  '\r': '',
};
const HEX_LENGTHS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** What stands for one or two characters of a string in its source: itself, or an escape. */
interface Unit {
  readonly text: string;
  readonly length: number;
}

/** Where the characters of a string are written: from `starts[index]` to before `ends[index]`, in the outer text. */
export interface ScalarOffsets {
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/**
 * Finds the characters of a string in its source. Runs of white space, which YAML folds, are matched as runs; every other
 * character is matched exactly.
 *
 * @returns `undefined` where the string is not written out here as it is.
 */
export function scalarOffsets(text: string, scalar: ScalarNode): ScalarOffsets | undefined {
  const { value } = scalar;
  if (typeof value !== 'string') return undefined;
  const starts = new Uint32Array(value.length);
  const ends = new Uint32Array(value.length);
  let at = contentStart(text, scalar);
  for (let index = 0; index < value.length; ) {
    const isSpace = isBlank(value.charAt(index));
    if (!isSpace) at = skipBlank(text, at, scalar);
    const unit = unitAt(text, at, scalar);
    const isSame = unit.text !== '' && (isSpace ? isBlank(unit.text) : value.startsWith(unit.text, index));
    if (!isSame && !isSpace) return undefined;
    const next = index + (isSame ? unit.text.length : 1);
    starts.fill(at, index, next);
    if (isSame) at += unit.length;
    ends.fill(at, index, next);
    index = next;
  }
  return at > scalar.end ? undefined : { starts, ends };
}

function skipBlank(text: string, start: number, scalar: ScalarNode): number {
  let at = start;
  for (let unit = unitAt(text, at, scalar); at < scalar.end && isBlank(unit.text); unit = unitAt(text, at, scalar)) at += unit.length;
  return at;
}

/** Where the characters of a scalar begin: past its quote, or past the line of its `|` or `>`. */
function contentStart(text: string, { style, start, end }: ScalarNode): number {
  if (style === 'plain') return start;
  if (style !== 'literal' && style !== 'folded') return start + 1;
  const newline = text.indexOf('\n', start);
  return newline < 0 ? end : newline + 1;
}

function unitAt(text: string, at: number, { style }: ScalarNode): Unit {
  const character = text.charAt(at);
  if (style === 'single' && text.startsWith("''", at)) return { text: "'", length: 2 };
  if ((style !== 'double' && style !== 'json') || character !== '\\') return { text: character, length: 1 };
  const letter = text.charAt(at + 1);
  const digits = HEX_LENGTHS[letter];
  if (digits === undefined) return { text: ESCAPES[letter] ?? letter, length: 2 };
  const code = Number.parseInt(text.slice(at + 2, at + 2 + digits), 16);
  return { text: code <= 0x10ffff ? String.fromCodePoint(code) : '', length: 2 + digits };
}

function isBlank(text: string): boolean {
  return text === '' || text === ' ' || text === '\n' || text === '\t' || text === '\r';
}
