import { type Answer, type Arrival, answerAll } from './answer.ts';
import { VALUE_LIMIT } from './limits.ts';
import type { Webhook } from './review.ts';

/** A body that waits for its answer. */
export interface PendingReview extends Arrival {
  /** Called once. */
  send(answer: Answer): void;
}

/** Told of every answer. @param seconds from the last byte of the body to the answer, without the time on the wire. */
export type Observer = (webhook: Webhook, outcome: Answer['outcome'], seconds: number) => void;

/** Takes the bodies of one turn of the event loop and answers them at its end. */
export type Turn = (pending: PendingReview) => void;

/** Most bodies that are answered together: the first of them waits for the last. */
const BATCH_LIMIT = 32;

/** Most bytes of them. Parsed at one time they must not make more values than one body may. */
const BATCH_LIMIT_BYTES = VALUE_LIMIT;

interface Waiting {
  readonly pending: PendingReview;
  /** Of `performance.now()`. */
  readonly since: number;
}

/** Under load several reviews arrive in one turn, and all of them together take half the time; a single one does not wait. */
export function createTurn(observe: Observer): Turn {
  let waiting: Waiting[] = [];
  const end = (): void => {
    const turn = waiting;
    waiting = [];
    for (const batch of inBatches(turn)) settle(batch, observe);
  };
  return (pending) => {
    if (waiting.push({ pending, since: performance.now() }) === 1) setImmediate(end);
  };
}

function settle(batch: readonly Waiting[], observe: Observer): void {
  const answers = answerAll(batch.map(({ pending }) => pending));
  for (const [index, { pending }] of batch.entries()) pending.send(answers[index] as Answer);
  const now = performance.now();
  for (const [index, { pending, since }] of batch.entries()) {
    observe(pending.webhook, (answers[index] as Answer).outcome, (now - since) / 1000);
  }
}

function* inBatches(turn: readonly Waiting[]): Generator<readonly Waiting[]> {
  let batch: Waiting[] = [];
  let bytes = 0;
  for (const each of turn) {
    const { length } = each.pending.body;
    if (batch.length === BATCH_LIMIT || (batch.length > 0 && bytes + length > BATCH_LIMIT_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(each);
    bytes += length;
  }
  if (batch.length > 0) yield batch;
}
