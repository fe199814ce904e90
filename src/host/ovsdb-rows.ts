import { isObject, type JsonObject } from '../core/json.ts';

/** A row as OVSDB sends it, read leniently: what is not there, or of another type, is `undefined` or empty. @see RFC 7047, section 5.1 */
export class OvsdbRow {
  readonly #columns: JsonObject;

  constructor(columns: JsonObject) {
    this.#columns = columns;
  }

  /** The one value of a column; of an optional one that is empty, none. */
  text(column: string): string | undefined {
    const value = this.#one(column);
    return typeof value === 'string' ? value : undefined;
  }

  number(column: string): number | undefined {
    const value = this.#one(column);
    return typeof value === 'number' ? value : undefined;
  }

  boolean(column: string): boolean | undefined {
    const value = this.#one(column);
    return typeof value === 'boolean' ? value : undefined;
  }

  texts(column: string): string[] {
    return atomsOf(this.#columns[column]).filter((atom) => typeof atom === 'string');
  }

  /** The rows that a column refers to, or the row's own name in `_uuid`. */
  uuids(column: string): string[] {
    const value = this.#columns[column];
    const references = isTagged(value, 'uuid') ? [value] : atomsOf(value);
    return references.flatMap((reference) => (isTagged(reference, 'uuid') ? [String(reference[1])] : []));
  }

  /** The text at a key of a map: where one is wanted of many rows, far less work than the map. */
  textAt(column: string, key: string): string | undefined {
    const value = pairsOf(this.#columns[column]).find((pair) => Array.isArray(pair) && pair[0] === key);
    return Array.isArray(value) && typeof value[1] === 'string' ? value[1] : undefined;
  }

  /** A map of texts, by key. */
  textMap(column: string): Record<string, string> {
    return this.#map(column, (value) => typeof value === 'string');
  }

  numberMap(column: string): Record<string, number> {
    return this.#map(column, (value) => typeof value === 'number');
  }

  #one(column: string): unknown {
    const atoms = atomsOf(this.#columns[column]);
    return atoms.length === 1 ? atoms[0] : undefined;
  }

  #map<T>(column: string, isWanted: (value: unknown) => value is T): Record<string, T> {
    const members = pairsOf(this.#columns[column]).flatMap((pair): [string, T][] =>
      Array.isArray(pair) && typeof pair[0] === 'string' && isWanted(pair[1]) ? [[pair[0], pair[1]]] : [],
    );
    return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

function pairsOf(value: unknown): readonly unknown[] {
  return isTagged(value, 'map') && Array.isArray(value[1]) ? value[1] : [];
}

function atomsOf(value: unknown): unknown[] {
  if (isTagged(value, 'set')) return Array.isArray(value[1]) ? value[1] : [];
  return value === undefined ? [] : [value];
}

function isTagged(value: unknown, tag: string): value is [string, unknown] {
  return Array.isArray(value) && value.length === 2 && value[0] === tag;
}

/** The rows of an answer to `select`, none when it has another shape. */
export function rowsOf(result: unknown): OvsdbRow[] {
  const rows = isObject(result) ? result['rows'] : undefined;
  return Array.isArray(rows) ? rows.filter(isObject).map((row) => new OvsdbRow(row)) : [];
}
