import type { IncomingMessage } from 'node:http';
import type { Refusal } from './decode.ts';
import { BODY_LIMIT_BYTES } from './limits.ts';

/** Bytes of request bodies held at one time, over all connections. */
const BYTES_IN_FLIGHT_LIMIT = 64 * 1024 * 1024;

/** Counts the bytes in flight, so that many large bodies at once cannot exhaust the memory. */
export interface ByteBudget {
  /** Takes `bytes`, or answers false and takes nothing when they are not left. */
  take(bytes: number): boolean;
  giveBack(bytes: number): void;
}

export function createByteBudget(limit: number = BYTES_IN_FLIGHT_LIMIT): ByteBudget {
  let taken = 0;
  return {
    take: (bytes) => {
      if (taken + bytes > limit) return false;
      taken += bytes;
      return true;
    },
    giveBack: (bytes) => {
      taken -= bytes;
    },
  };
}

/** Where a body goes. Exactly one of the two is called, once; neither when the client leaves first. */
export interface BodyReceiver {
  /** @param release gives the body's bytes back to the budget, for when it has been answered. */
  accept(body: Buffer, release: () => void): void;
  /** The rest of the body may still be on its way. */
  refuse(refusal: Refusal): void;
}

const JSON_TYPE = /^application\/json *(;|$)/i;

/** Reads a JSON body of at most 7 MiB. What the headers give away is refused before anything is read. */
export function readBody(request: IncomingMessage, budget: ByteBudget, receiver: BodyReceiver): void {
  const refusal = judgeHeaders(request);
  if (refusal !== undefined) {
    receiver.refuse(refusal);
    return;
  }
  const chunks: Buffer[] = [];
  let length = 0;
  let isOpen = true;
  const close = (): void => {
    if (isOpen) budget.giveBack(length);
    isOpen = false;
  };
  request.on('data', (chunk: Buffer) => {
    if (!isOpen) return;
    const surplus = judgeLength(length + chunk.length) ?? (budget.take(chunk.length) ? undefined : OVERLOADED);
    if (surplus === undefined) {
      length += chunk.length;
      chunks.push(chunk);
      return;
    }
    close();
    receiver.refuse(surplus);
  });
  request.on('end', () => {
    if (!isOpen) return;
    isOpen = false;
    const body = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, length);
    receiver.accept(body, () => budget.giveBack(length));
  });
  request.on('close', close);
}

const OVERLOADED: Refusal = { code: 429, message: 'too many requests at once, retry in a second' };

function judgeHeaders({ headers }: IncomingMessage): Refusal | undefined {
  const length = headers['content-length'];
  if (length === '0' || (length === undefined && headers['transfer-encoding'] === undefined)) {
    return { code: 400, message: 'the request body is empty, expected an AdmissionReview' };
  }
  if (!JSON_TYPE.test(headers['content-type'] ?? '')) return { code: 415, message: 'content-type must be application/json' };
  if (headers['content-encoding'] !== undefined) return { code: 415, message: 'content-encoding must not be set' };
  return judgeLength(Number(length ?? 0));
}

function judgeLength(length: number): Refusal | undefined {
  if (length <= BODY_LIMIT_BYTES) return undefined;
  return { code: 413, message: `the request body must be at most ${BODY_LIMIT_BYTES} bytes` };
}
