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
    const keys: (string | number)[] = [];
    // A loop and one reversal: rules ask for paths more often than for anything else, and recursion would copy the path at each level.
    for (let field: Field = this; field.#parent !== undefined; field = field.#parent) keys.push(field.#key);
    return [...this.#base, ...keys.reverse()];
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

  /** Notes that this field is not `expected`. */
  reject(expected: string): void {
    const path = this.path;
    const isKnown = this.#problems.some(
      (problem) => problem.path.length === path.length && problem.path.every((key, index) => key === path[index]),
    );
    if (!isKnown) this.#problems.push({ path, expected, actual: describeType(this.value) });
  }

  #typed(expected: string, isExpected: boolean): unknown {
    if (!this.isSet) return undefined;
    if (isExpected) return this.value;
    this.reject(expected);
    return undefined;
  }
}
