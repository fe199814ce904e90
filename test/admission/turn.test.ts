import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Answer, answer } from '../../src/admission/answer.ts';
import { createHandlers } from '../../src/admission/handlers.ts';
import { VALUE_LIMIT } from '../../src/admission/limits.ts';
import type { Webhook } from '../../src/admission/review.ts';
import { createTurn } from '../../src/admission/turn.ts';
import { exampleEngine, recorded } from '../support/reviews.ts';

const engine = exampleEngine();
const handlers = createHandlers(() => engine);

const BODIES = [recorded('02'), recorded('11'), Buffer.from('{'), Buffer.from('{}'), Buffer.alloc(0)];
const crash = (): never => {
  throw new TypeError('a rule of tomorrow');
};

/** Gives the bodies to one turn, and waits for its end. */
async function answersOf(arrivals: readonly { readonly webhook: Webhook; readonly body: Buffer; readonly crashes: boolean }[]) {
  const observed: { webhook: Webhook; state: string; seconds: number }[] = [];
  const turn = createTurn((webhook, { state }, seconds) => observed.push({ webhook, state, seconds }));
  const sent: Answer[] = [];
  const order: number[] = [];
  for (const [index, { webhook, body, crashes }] of arrivals.entries()) {
    const send = (each: Answer): void => {
      sent[index] = each;
      order.push(index);
    };
    turn({ webhook, handle: crashes ? crash : handlers[webhook], body, send });
  }
  expect(sent).toEqual([]);
  await new Promise((resolve) => setImmediate(resolve));
  return { sent, order, observed };
}

const arrival = fc.record({
  webhook: fc.constantFrom<Webhook>('mutate', 'validate'),
  body: fc.constantFrom(...BODIES),
  crashes: fc.boolean(),
});

test('what arrives in one turn is answered as if each had come alone, in its order, and observed once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(arrival, { maxLength: 70 }), async (arrivals) => {
      const { sent, order, observed } = await answersOf(arrivals);
      const alone = arrivals.map(({ webhook, body, crashes }) => answer(webhook, crashes ? crash : handlers[webhook], body));
      expect(sent).toEqual(alone);
      expect(order).toEqual(arrivals.map((_, index) => index));
      expect(observed.map(({ webhook, state }) => [webhook, state])).toEqual(
        arrivals.map(({ webhook }, index) => [webhook, alone[index]?.outcome.state]),
      );
      for (const { seconds } of observed) expect(seconds).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 40 },
  );
});

test('large bodies are not parsed at one time: the first is answered before the next one is judged', async () => {
  const seen: string[] = [];
  const turn = createTurn(() => undefined);
  const padding = ' '.repeat(VALUE_LIMIT / 2);
  for (const name of ['a', 'b', 'c']) {
    turn({
      webhook: 'validate',
      body: Buffer.concat([recorded('02'), Buffer.from(padding)]),
      handle: (request) => {
        seen.push(`judged ${name}`);
        return handlers.validate(request);
      },
      send: () => seen.push(`sent ${name}`),
    });
  }
  await new Promise((resolve) => setImmediate(resolve));
  expect(seen).toEqual(['judged a', 'sent a', 'judged b', 'sent b', 'judged c', 'sent c']);
});

test('what comes in after the end of a turn is of the next one', async () => {
  const turn = createTurn(() => undefined);
  const sent: number[] = [];
  const send = (each: Answer): void => void sent.push(each.httpStatus);
  for (let round = 1; round <= 3; round += 1) {
    turn({ webhook: 'mutate', handle: handlers.mutate, body: recorded('02'), send });
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent).toEqual(Array.from({ length: round }, () => 200));
  }
});
