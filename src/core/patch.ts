import jsonPatch from 'fast-json-patch';

/** One RFC 6902 operation. */
export type Operation = ReturnType<typeof jsonPatch.compare>[number];

/** Keys that could reach a prototype in a careless reader of the patch; no repair has business with them. */
const FORBIDDEN = /\/(?:__proto__|constructor|prototype)(?:\/|$)/;

/**
 * The RFC 6902 operations that turn `before` into `after`, made to apply to `before` exactly as it is.
 * Parts that are the same reference in both are not walked.
 *
 * @throws Error when an operation would lead through `__proto__`, `constructor` or `prototype`.
 */
export function createPatch(before: object, after: object): readonly Operation[] {
  if (before === after) return [];
  const operations = jsonPatch.compare(before, after);
  const hostile = operations.find(({ path }) => FORBIDDEN.test(path));
  if (hostile !== undefined) throw new Error(`refused a patch of ${hostile.path}`);
  return operations;
}
