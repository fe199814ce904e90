/** A JSON mapping of unknown content, as it comes from a user. Read its keys with `Object.hasOwn`. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** True for a JSON mapping: not null, not a list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The JSON type of a value with its article, for messages: "a list", "a string", "null". */
export function describeType(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a mapping' : `a ${typeof value}`;
}

const SHOWN_LENGTH = 80;

/** A user's value quoted for a message, shortened to 80 characters. */
export function quote(value: unknown): string {
  if (typeof value === 'object' && value !== null) return describeType(value);
  const text = typeof value === 'string' ? value : String(value);
  const shown = text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
  return typeof value === 'string' ? JSON.stringify(shown) : shown;
}
