import { describeType, isObject, type JsonObject } from './json.ts';
import type { Path } from './path.ts';

/** A place where the object's shape is not what the API defines. */
export interface ShapeProblem {
  readonly path: Path;
  readonly expected: string;
  readonly actual: string;
}

/**
 * A cursor into a user's JSON that never throws: reading through a missing or misshapen parent gives `undefined`.
 * A value of the wrong type is noted once in `problems`, where VHG100 finds it; `null` counts as absent, as in Go.
 */
export class Field {
  readonly value: unknown;
  readonly #parent: Field | undefined;
  readonly #key: string | number;
  readonly #base: Path;
  readonly #problems: ShapeProblem[];

  private constructor(value: unknown, problems: ShapeProblem[], base: Path, parent: Field | undefined, key: string | number) {
    this.value = value;
    this.#problems = problems;
    this.#base = base;
    this.#parent = parent;
    this.#key = key;
  }

  /** @param base where `value` lies in the object that findings point into. */
  static root(value: unknown, problems: ShapeProblem[], base: Path = []): Field {
    return new Field(value, problems, base, undefined, '');
  }

  /** Where this field lies, or would lie, in the object. */
  get path(): Path {
    return this.#pathWithRoom(0);
  }

  /** The path with `room` more places at its end. Rules ask for many: joining the path of each level to the next takes four times as long. */
  #pathWithRoom(room: number): (string | number)[] {
    if (this.#parent === undefined) {
      const path = new Array<string | number>(this.#base.length + room);
      for (const [index, key] of this.#base.entries()) path[index] = key;
      return path;
    }
    const path = this.#parent.#pathWithRoom(room + 1);
    path[path.length - room - 1] = this.#key;
    return path;
  }

  get isSet(): boolean {
    return this.value !== undefined && this.value !== null;
  }

  /** The member `key` of this mapping. */
  get(key: string): Field {
    const mapping = this.object();
    const value = mapping !== undefined && Object.hasOwn(mapping, key) ? mapping[key] : undefined;
    return new Field(value, this.#problems, this.#base, this, key);
  }

  /** The member `key` as Go's encoding/json finds it: letter case does not matter, the last such key wins. */
  getFold(key: string): Field {
    const mapping = this.object();
    if (mapping === undefined) return this.get(key);
    const lower = key.toLowerCase();
    const actual = Object.keys(mapping).findLast((candidate) => candidate.toLowerCase() === lower);
    return this.get(actual ?? key);
  }

  /** The items of this list; none when it is absent. */
  items(): Field[] {
    const list = this.#typed('a list', Array.isArray(this.value)) as readonly unknown[] | undefined;
    return (list ?? []).map((item, index) => new Field(item, this.#problems, this.#base, this, index));
  }

  object(): JsonObject | undefined {
    return this.#typed('a mapping', isObject(this.value)) as JsonObject | undefined;
  }

  string(): string | undefined {
    return this.#typed('a string', typeof this.value === 'string') as string | undefined;
  }

  boolean(): boolean | undefined {
    return this.#typed('true or false', typeof this.value === 'boolean') as boolean | undefined;
  }

  /** A whole number of at least 0. */
  count(): number | undefined {
    return this.#typed('a whole number', Number.isSafeInteger(this.value) && Number(this.value) >= 0) as number | undefined;
  }

  /** A quantity's text: Kubernetes accepts a number where it expects one. */
  quantity(): string | undefined {
    const value = this.#typed('a quantity', typeof this.value === 'string' || typeof this.value === 'number');
    return value === undefined ? undefined : String(value);
  }

  /** Notes that this field is not `expected`, but `actual`. */
  reject(expected: string, actual: string = describeType(this.value)): void {
    const path = this.path;
    const isKnown = this.#problems.some(
      (problem) => problem.path.length === path.length && problem.path.every((key, index) => key === path[index]),
    );
    if (!isKnown) this.#problems.push({ path, expected, actual });
  }

  #typed(expected: string, isExpected: boolean): unknown {
    if (!this.isSet) return undefined;
    if (isExpected) return this.value;
    this.reject(expected);
    return undefined;
  }
}
