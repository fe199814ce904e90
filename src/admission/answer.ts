import type { Decision } from '../core/decision.ts';
import type { Finding } from '../engine/finding.ts';
import { type Decoded, decode } from './decode.ts';
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

/** A body that came to one of the webhooks, and who judges it. */
export interface Arrival {
  readonly webhook: Webhook;
  readonly handle: Handler;
  readonly body: Buffer;
}

/** Body in, body out, whatever the body is. Never throws. */
export function answer(webhook: Webhook, handle: Handler, body: Buffer): Answer {
  return render(webhook, judge(handle, decode(body)));
}

/**
 * The same for several bodies, in their order: each step is done for all of them before the next one. Between two system calls the
 * processor forgets the code of all three, and loading it again takes longer than running it.
 */
export function answerAll(arrivals: readonly Arrival[]): Answer[] {
  const decoded = arrivals.map(({ body }) => decode(body));
  const judged = decoded.map((each, index) => judge((arrivals[index] as Arrival).handle, each));
  return judged.map((each, index) => render((arrivals[index] as Arrival).webhook, each));
}

type Judged =
  | Extract<Decoded, { state: 'refused' }>
  | { readonly state: 'reviewed'; readonly request: AdmissionRequest; readonly review: Review }
  | { readonly state: 'crashed'; readonly uid: string; readonly cause: unknown };

function judge(handle: Handler, decoded: Decoded): Judged {
  if (decoded.state === 'refused') return decoded;
  const { request } = decoded;
  try {
    return { state: 'reviewed', request, review: handle(request) };
  } catch (cause) {
    return { state: 'crashed', uid: request.uid, cause };
  }
}

function render(webhook: Webhook, judged: Judged): Answer {
  if (judged.state === 'refused') {
    const { refusal } = judged;
    return { httpStatus: refusal.code, body: renderRefusal(refusal), outcome: { state: 'refused', message: refusal.message } };
  }
  if (judged.state === 'crashed') return { httpStatus: 500, body: renderCrash(judged.uid), outcome: judged };
  const { request, review } = judged;
  return {
    httpStatus: 200,
    body: renderReview(review.response),
    outcome: { state: 'decided', decision: describe(webhook, request, review) },
  };
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
    warned: ruleIds(review.warned.filter(({ status }) => status !== 'error')),
    repaired: ruleIds(review.repaired),
    crashed: ruleIds(review.warned.filter(({ status }) => status === 'error')),
  };
}

function ruleIds(findings: readonly Finding[]): readonly string[] {
  return findings.length === 0 ? NONE : [...new Set(findings.map(({ rule }) => rule))];
}

const NONE: readonly string[] = [];
