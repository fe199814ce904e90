import { describeError } from '../core/errors.ts';
import { describeType, isObject, type JsonObject, quote } from '../core/json.ts';
import { BODY_LIMIT_BYTES, hasTooManyValues, VALUE_LIMIT } from './limits.ts';
import { type AdmissionOperation, type AdmissionRequest, type GroupVersionKind, REVIEW_API_VERSION } from './review.ts';

/** Why a body is no request: for the caller, not for the user whose object it is. */
export interface Refusal {
  /** HTTP status of the answer and code of the status in it. */
  readonly code: 400 | 413 | 415 | 422 | 429;
  readonly message: string;
  /** Set as soon as it was readable, so that the answer can echo it. */
  readonly uid?: string;
}

/** What `decode` made of a body. */
export type Decoded =
  | { readonly state: 'request'; readonly request: AdmissionRequest }
  | { readonly state: 'refused'; readonly refusal: Refusal };

const OPERATIONS: ReadonlySet<string> = new Set<AdmissionOperation>(['CREATE', 'UPDATE', 'DELETE', 'CONNECT']);

/** Longest uid that is echoed, in characters. The API server sends a UUID of 36. */
const UID_LIMIT = 128;

class Malformed extends Error {
  readonly code: Refusal['code'];

  constructor(message: string, code: Refusal['code'] = 400) {
    super(message);
    this.code = code;
  }
}

/** Reads a request body as an AdmissionReview. Never throws: what cannot be read is a refusal with a message. */
export function decode(body: Buffer): Decoded {
  let uid: string | undefined;
  try {
    const envelope = parseRequest(body);
    uid = decodeUid(envelope);
    return { state: 'request', request: decodeRequest(envelope, uid) };
  } catch (thrown) {
    const code = thrown instanceof Malformed ? thrown.code : 400;
    const message = describeError(thrown);
    return { state: 'refused', refusal: uid === undefined ? { code, message } : { code, message, uid } };
  }
}

function parseRequest(body: Buffer): JsonObject {
  if (body.length === 0) throw new Malformed('the request body is empty, expected an AdmissionReview');
  if (body.length > BODY_LIMIT_BYTES) throw new Malformed(`the request body must be at most ${BODY_LIMIT_BYTES} bytes`, 413);
  if (hasTooManyValues(body)) throw new Malformed(`the request body must hold at most ${VALUE_LIMIT} values`, 413);
  const review = parseJson(body);
  if (!isObject(review)) throw new Malformed(`the request body must be an AdmissionReview, not ${describeType(review)}`);
  if (member(review, 'kind') !== 'AdmissionReview') {
    throw new Malformed(`kind must be "AdmissionReview", not ${quote(member(review, 'kind') ?? null)}`);
  }
  if (member(review, 'apiVersion') !== REVIEW_API_VERSION) {
    throw new Malformed(`apiVersion must be "${REVIEW_API_VERSION}", not ${quote(member(review, 'apiVersion') ?? null)}`);
  }
  const request = member(review, 'request');
  if (!isObject(request)) throw new Malformed(`request must be a mapping, not ${describeType(request)}`);
  return request;
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    // V8's message quotes the text around the error, which may be a password.
    throw new Malformed('the request body is not JSON');
  }
}

function decodeUid(request: JsonObject): string {
  const uid = member(request, 'uid');
  if (typeof uid !== 'string' || uid === '') throw new Malformed('request.uid must be set');
  if (uid.length > UID_LIMIT) throw new Malformed(`request.uid must be at most ${UID_LIMIT} characters long`);
  return uid;
}

function decodeRequest(request: JsonObject, uid: string): AdmissionRequest {
  const operation = member(request, 'operation');
  if (typeof operation !== 'string' || !OPERATIONS.has(operation)) {
    throw new Malformed('request.operation must be "CREATE", "UPDATE", "DELETE" or "CONNECT"');
  }
  const kind = decodeKind(request);
  const subResource = text(request, 'subResource');
  const decoded: AdmissionRequest = {
    uid,
    kind,
    operation: operation as AdmissionOperation,
    namespace: text(request, 'namespace'),
    name: text(request, 'name'),
    subResource,
    username: text(mapping(request, 'userInfo') ?? {}, 'username', 'request.userInfo'),
    dryRun: member(request, 'dryRun') === true,
    object: mapping(request, 'object'),
    oldObject: mapping(request, 'oldObject'),
  };
  // A subresource's object is of another kind (Scale, Eviction), and CONNECT sends options for an object.
  if (subResource === '' && operation !== 'CONNECT') requireAgreement(decoded);
  return decoded;
}

function decodeKind(request: JsonObject): GroupVersionKind {
  const kind = mapping(request, 'kind') ?? {};
  const decoded = {
    group: text(kind, 'group', 'request.kind'),
    version: text(kind, 'version', 'request.kind'),
    kind: text(kind, 'kind', 'request.kind'),
  };
  if (decoded.kind === '' || decoded.version === '') throw new Malformed('request.kind must have a version and a kind');
  return decoded;
}

/** A crafted review must not have an object of one kind judged by the rules of another. */
function requireAgreement({ kind, operation, object, oldObject }: AdmissionRequest): void {
  if (operation !== 'DELETE' && object === undefined) throw new Malformed(`request.object must be set on ${operation}`);
  const apiVersion = kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
  for (const value of [object, oldObject]) {
    if (value === undefined || (member(value, 'kind') === kind.kind && member(value, 'apiVersion') === apiVersion)) continue;
    const field = value === object ? 'object' : 'oldObject';
    const actual = `${quote(member(value, 'kind') ?? null)} of ${quote(member(value, 'apiVersion') ?? null)}`;
    throw new Malformed(`request.${field} is ${actual}, but request.kind says ${quote(kind.kind)} of ${quote(apiVersion)}`);
  }
}

function member(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function text(object: JsonObject, key: string, parent = 'request'): string {
  const value = member(object, key);
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string') throw new Malformed(`${parent}.${key} must be a string, not ${describeType(value)}`);
  return value;
}

function mapping(object: JsonObject, key: string): JsonObject | undefined {
  const value = member(object, key);
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw new Malformed(`request.${key} must be a mapping, not ${describeType(value)}`);
  return value;
}
