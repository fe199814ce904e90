import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { DependencyIndex } from '../../src/controller/scan-dependencies.ts';
import { type Retry, WorkQueue } from '../../src/controller/scan-queue.ts';

/** A queue whose work is noted, and takes a few turns of the event loop. */
function recordingQueue(outcome: (key: string, job: number) => Retry<number> | undefined = () => undefined, perSecond = 100_000) {
  const done: string[] = [];
  let underWay = 0;
  let most = 0;
  const queue = new WorkQueue<number>({
    concurrency: 2,
    perSecond,
    work: async (key, job) => {
      underWay += 1;
      most = Math.max(most, underWay);
      await sleep(5);
      underWay -= 1;
      done.push(`${key} ${job}`);
      return outcome(key, job);
    },
  });
  onTestFinished(() => queue.stop());
  return { queue, done, most: () => most };
}

describe('a work queue', () => {
  test('works on the last of what was added for a key, and on two keys at once', async () => {
    const { queue, done, most } = recordingQueue();
    for (const job of [1, 2, 3]) for (const key of ['a', 'b', 'c']) queue.add(key, job);
    await queue.whenBelow(1);
    expect(done.filter((each) => each.startsWith('c'))).toEqual(['c 3']);
    expect(done.filter((each) => each.startsWith('a'))).toEqual(['a 1', 'a 3']);
    expect(most()).toBe(2);
  });

  test('tries again when the work asks for it, with what it asks for, unless something newer came', async () => {
    const { queue, done } = recordingQueue((_key, job) => (job < 3 ? { afterMs: 5, job: job + 1 } : undefined));
    queue.add('a', 1);
    await sleep(100);
    expect(done).toEqual(['a 1', 'a 2', 'a 3']);
    expect(queue.has('a')).toBe(false);
  });

  test('begins no more than so many jobs in a second', async () => {
    const { queue, done } = recordingQueue(undefined, 20);
    for (let key = 0; key < 50; key += 1) queue.add(String(key), 0);
    await sleep(300);
    expect(done.length).toBeGreaterThan(0);
    expect(done.length).toBeLessThan(10);
  });

  test('begins nothing after it is stopped, and is stopped when nothing is under way', async () => {
    const { queue, done } = recordingQueue();
    for (const key of ['a', 'b', 'c', 'd']) queue.add(key, 1);
    await queue.stop();
    queue.add('e', 1);
    await sleep(30);
    expect(done.sort()).toEqual(['a 1', 'b 1']);
  });
});

test('an index of dependencies answers as a list of all of them would', () => {
  const names = fc.constantFrom('a', 'b', 'c');
  const change = fc.tuple(fc.constantFrom('VM 1', 'VM 2', 'VM 3'), fc.uniqueArray(names));
  fc.assert(
    fc.property(fc.array(change), (changes) => {
      const index = new DependencyIndex();
      const model = new Map<string, readonly string[]>();
      for (const [key, dependencies] of changes) {
        index.set(key, new Set(dependencies));
        model.set(key, dependencies);
      }
      for (const name of ['a', 'b', 'c']) {
        const users = [...model].filter(([, dependencies]) => dependencies.includes(name)).map(([key]) => key);
        expect([...index.usersOf(name)].sort()).toEqual(users.sort());
      }
      for (const [key, dependencies] of model) expect(index.has(key)).toBe(dependencies.length > 0);
    }),
  );
});
