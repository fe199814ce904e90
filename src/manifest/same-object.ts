import type { Edit } from '../core/edit.ts';
import { isObject } from '../core/json.ts';
import type { Path } from '../core/path.ts';

/**
 * Whether two objects are the same but for the order of keys. In strings that an edit leads into, the JSON counts and not
 * its white space: that is where a text edit keeps the layout in its own way.
 */
export function sameObject(left: unknown, right: unknown, edits: readonly Edit[]): boolean {
  return isSame(
    left,
    right,
    edits.map(({ path }) => path),
  );
}

function isSame(left: unknown, right: unknown, paths: readonly Path[]): boolean {
  if (Object.is(left, right)) return true;
  if (Array.isArray(left)) {
    return (
      Array.isArray(right) && left.length === right.length && left.every((item, index) => isSame(item, right[index], below(paths, index)))
    );
  }
  if (isObject(left)) {
    const keys = Object.keys(left);
    if (!isObject(right) || Object.keys(right).length !== keys.length) return false;
    return keys.every((key) => Object.hasOwn(right, key) && isSame(left[key], right[key], below(paths, key)));
  }
  const isEdited = paths.some((path) => path.length > 0);
  return isEdited && typeof left === 'string' && typeof right === 'string' && isSameJson(left, right);
}

function below(paths: readonly Path[], key: string | number): Path[] {
  return paths.filter(([first]) => first === key).map((path) => path.slice(1));
}

function isSameJson(left: string, right: string): boolean {
  const [one, other] = [parse(left), parse(right)];
  return one !== undefined && other !== undefined && isSame(one, other, []);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
