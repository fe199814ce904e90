import { type Path, toFieldPath } from '../core/path.ts';
import type { Verdict } from '../engine/decide.ts';
import type { Finding } from '../engine/finding.ts';
import type { Repair } from '../engine/repair.ts';
import type { Refusal } from './decode.ts';
import { type AdmissionRequest, type AdmissionResponse, REVIEW_API_VERSION, type Status, type StatusCause } from './review.ts';
import { fitWarnings } from './warnings.ts';

const REFUSAL_REASONS: Readonly<Record<Refusal['code'], string>> = {
  400: 'BadRequest',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
};

/** Allows a request without a word. */
export function respondAllowed(request: AdmissionRequest): AdmissionResponse {
  return { uid: request.uid, allowed: true };
}

/** The mutating webhook's answer: the repairs as a JSON Patch, and one warning for each. It never denies. */
export function respondRepaired(request: AdmissionRequest, { patch, repaired }: Repair): AdmissionResponse {
  if (patch.length === 0) return respondAllowed(request);
  return {
    uid: request.uid,
    allowed: true,
    patchType: 'JSONPatch',
    patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
    warnings: fitWarnings(repaired.map((finding) => `${finding.rule} repaired: ${finding.fix?.title ?? finding.message}`)),
    auditAnnotations: annotate({}, repaired, 'repaired'),
  };
}

/** The validating webhook's answer: a denial lists every finding that denies, as causes and in the message. */
export function respondJudged(request: AdmissionRequest, { allowed, denials, warnings, exempt }: Verdict): AdmissionResponse {
  if (allowed && warnings.length === 0 && exempt.length === 0) return respondAllowed(request);
  const annotations: Record<string, string> = {};
  for (const { rule, reason = 'exempt' } of exempt) annotations[rule] = reason;
  return {
    uid: request.uid,
    allowed,
    ...(allowed ? {} : { status: denialStatus(request, denials) }),
    ...(warnings.length === 0 ? {} : { warnings: fitWarnings(warnings.map(({ rule, message }) => `${rule}: ${message}`)) }),
    auditAnnotations: annotate(annotate(annotations, warnings, 'warned'), denials, 'denied'),
  };
}

/** The body of an answer to a request that was read. */
export function renderReview(response: AdmissionResponse): string {
  return JSON.stringify({ apiVersion: REVIEW_API_VERSION, kind: 'AdmissionReview', response });
}

/**
 * The body of an answer to a body that is no request: an AdmissionReview where there is a uid to echo, else a `Status`, whose message
 * the API server passes on.
 */
export function renderRefusal({ uid, code, message }: Refusal): string {
  return renderStatus(uid, { status: 'Failure', message, reason: REFUSAL_REASONS[code], code });
}

/** The body of the answer to a request that crashed the handler. It says nothing of the cause, which is in the log. */
export function renderCrash(uid: string): string {
  const message = 'internal error: vhostguard could not judge this request, its log says why';
  return renderStatus(uid, { status: 'Failure', message, reason: 'InternalError', code: 500 });
}

function renderStatus(uid: string | undefined, status: Status): string {
  if (uid !== undefined) return renderReview({ uid, allowed: false, status });
  return JSON.stringify({ apiVersion: 'v1', kind: 'Status', ...status });
}

function denialStatus({ kind, name, object }: AdmissionRequest, denials: readonly Finding[]): Status {
  return {
    status: 'Failure',
    message: denials.map(({ rule, path, message }) => `${rule} ${toFieldPath(path)}: ${message}`).join('; '),
    reason: 'Invalid',
    code: 422,
    details: { group: kind.group, kind: kind.kind, name, causes: denials.map((finding) => causeOf(finding, object)) },
  };
}

/** kubectl prints field and message of a cause and nothing else, so the message starts with the rule. */
function causeOf({ rule, path, message }: Finding, object: unknown): StatusCause {
  return {
    reason: isMissing(object, path) ? 'FieldValueRequired' : 'FieldValueInvalid',
    message: `${rule}: ${message}`,
    field: toFieldPath(path),
  };
}

/** A path may lead on into a string of JSON; what is in there counts as present. */
function isMissing(object: unknown, path: Path): boolean {
  let value = object;
  for (const key of path) {
    if (typeof value === 'string') return false;
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return true;
    value = (value as Record<string | number, unknown>)[key];
  }
  return false;
}

/** One key per rule: the API server refuses a second value for a key when it calls a webhook again. */
function annotate(annotations: Record<string, string>, findings: readonly Finding[], value: string): Record<string, string> {
  for (const { rule } of findings) annotations[rule] = value;
  return annotations;
}
