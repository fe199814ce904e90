import type { Subject } from '../core/subject.ts';
import { decide } from '../engine/decide.ts';
import type { Engine } from '../engine/engine.ts';
import type { Finding } from '../engine/finding.ts';
import { isBypassed } from './bypass.ts';
import { respondAllowed, respondJudged, respondRepaired } from './respond.ts';
import type { AdmissionRequest, AdmissionResponse, Webhook } from './review.ts';

/** A response and the findings behind it. */
export interface Review {
  readonly response: AdmissionResponse;
  readonly denied: readonly Finding[];
  readonly warned: readonly Finding[];
  readonly repaired: readonly Finding[];
}

/** Answers a request that was read. Pure apart from what the engine knows. */
export type Handler = (request: AdmissionRequest) => Review;

/** The handlers of both webhooks. @param engine asked for each request, so that a new configuration counts from the next one on. */
export function createHandlers(engine: () => Engine): Readonly<Record<Webhook, Handler>> {
  return {
    mutate: (request) => {
      const subject = readSubject(request);
      if (subject === undefined) return allowed(request);
      const repair = engine().repair(subject);
      return { response: respondRepaired(request, repair), denied: NONE, warned: NONE, repaired: repair.repaired };
    },
    validate: (request) => {
      const subject = readSubject(request);
      if (subject === undefined) return allowed(request);
      const verdict = decide(engine().evaluate(subject));
      return { response: respondJudged(request, verdict), denied: verdict.denials, warned: verdict.warnings, repaired: NONE };
    },
  };
}

const NONE: readonly Finding[] = [];

function allowed(request: AdmissionRequest): Review {
  return { response: respondAllowed(request), denied: NONE, warned: NONE, repaired: NONE };
}

function readSubject(request: AdmissionRequest): Subject | undefined {
  const { kind, namespace, name, operation, object, oldObject } = request;
  if (object === undefined || isBypassed(request)) return undefined;
  const apiVersion = kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
  const isUpdate = operation === 'UPDATE';
  const subject: Subject = { apiVersion, kind: kind.kind, namespace, name, object, operation: isUpdate ? 'UPDATE' : 'CREATE' };
  return isUpdate && oldObject !== undefined ? { ...subject, oldObject } : subject;
}
