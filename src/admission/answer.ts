import type { Decision } from '../core/decision.ts';
import type { Finding } from '../engine/finding.ts';
import { decode } from './decode.ts';
import type { Handler, Review } from './handlers.ts';
import { renderCrash, renderRefusal, renderReview } from './respond.ts';
import type { AdmissionRequest, Webhook } from './review.ts';

/** What goes back for one body, and what there is to say of it. */
export interface Answer {
  readonly httpStatus: number;
  readonly body: string;
  readonly outcome:
    | { readonly state: 'decided'; readonly decision: Decision }
    | { readonly state: 'refused'; readonly message: string }
    | { readonly state: 'crashed'; readonly uid: string; readonly cause: unknown };
}

/** Body in, body out, whatever the body is. Never throws. */
export function answer(webhook: Webhook, handle: Handler, body: Buffer): Answer {
  const decoded = decode(body);
  if (decoded.state === 'refused') {
    const { refusal } = decoded;
    return { httpStatus: refusal.code, body: renderRefusal(refusal), outcome: { state: 'refused', message: refusal.message } };
  }
  const { request } = decoded;
  try {
    const review = handle(request);
    const decision = describe(webhook, request, review);
    return { httpStatus: 200, body: renderReview(review.response), outcome: { state: 'decided', decision } };
  } catch (cause) {
    return { httpStatus: 500, body: renderCrash(request.uid), outcome: { state: 'crashed', uid: request.uid, cause } };
  }
}

function describe(webhook: Webhook, request: AdmissionRequest, review: Review): Decision {
  return {
    webhook,
    uid: request.uid,
    kind: request.kind.kind,
    namespace: request.namespace,
    name: request.name,
    operation: request.operation,
    dryRun: request.dryRun,
    allowed: review.response.allowed,
    denied: ruleIds(review.denied),
    warned: ruleIds(review.warned),
    repaired: ruleIds(review.repaired),
  };
}

function ruleIds(findings: readonly Finding[]): readonly string[] {
  return findings.length === 0 ? NONE : [...new Set(findings.map(({ rule }) => rule))];
}

const NONE: readonly string[] = [];
