/**
 * Largest request body in bytes: two objects of 3 MiB, the API server's own limit, and 1 MiB for the rest.
 * @see https://github.com/kubernetes-sigs/controller-runtime/blob/main/pkg/webhook/admission/http.go
 */
export const BODY_LIMIT_BYTES = 7 * 1024 * 1024;

/**
 * Most values a body may hold. 7 MiB of `{},` would become 450 MB of heap; an object as large as etcd stores (1.5 MiB) with
 * 14,000 volumes holds about 150,000.
 */
export const VALUE_LIMIT = 500_000;

const COMMA = 0x2c;
const OPENING_BRACKET = 0x5b;
const OPENING_BRACE = 0x7b;

/**
 * True when parsing `body` could make more than `VALUE_LIMIT` values. Counts `,`, `[` and `{`, also inside strings, so it errs on the
 * safe side; a body too short to hold that many is not read at all.
 */
export function hasTooManyValues(body: Uint8Array): boolean {
  if (body.length <= VALUE_LIMIT) return false;
  let values = 1;
  for (const byte of body) {
    if (byte === COMMA || byte === OPENING_BRACKET || byte === OPENING_BRACE) values += 1;
  }
  return values > VALUE_LIMIT;
}
