import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { converse } from '../../src/host/json-rpc.ts';
import { JsonValues } from '../../src/host/json-values.ts';
import { answer, serveOvs } from '../support/ovs-server.ts';

const SOON = { timeoutMs: 200 };

describe('a stream of JSON mappings', () => {
  test('is cut where each ends, wherever the pieces end that it comes in', () => {
    const values = fc.array(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), { maxLength: 5 });
    fc.assert(
      fc.property(values, fc.infiniteStream(fc.integer({ min: 1, max: 20 })), fc.constantFrom('', ' ', '\n'), (sent, sizes, between) => {
        const bytes = Buffer.from(sent.map((value) => JSON.stringify(value)).join(between));
        const reader = new JsonValues(1_000_000);
        const received: unknown[] = [];
        for (let start = 0; start < bytes.length; ) {
          const size = sizes.next().value;
          received.push(...reader.add(bytes.subarray(start, start + size)));
          start += size;
        }
        expect(received).toEqual(JSON.parse(JSON.stringify(sent)));
      }),
    );
  });

  test.each(['x', '1', '"a"', '[1]', '}', ']', '{"a"]', '{a}', '\0', '['.repeat(100_000) + ']'.repeat(100_000)])(
    'is refused when it holds what is no mapping: %.20s',
    (text) => {
      expect(() => new JsonValues(1_000_000).add(Buffer.from(text))).toThrow('no JSON mapping');
    },
  );

  test('is refused as soon as one value is nested deeper than OVS takes, and not when many are flat', () => {
    const nested = (depth: number) => Buffer.from(`{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`);
    expect(new JsonValues(1_000_000).add(nested(1000))).toHaveLength(1);
    expect(() => new JsonValues(1_000_000).add(nested(1001))).toThrow('nested more than 1000 deep');
    const brackets = Buffer.from(`{"a":${'['.repeat(8_000_000)}`);
    const start = performance.now();
    expect(() => new JsonValues(16_000_000).add(brackets)).toThrow('nested more than 1000 deep');
    expect(performance.now() - start).toBeLessThan(1000);
  });

  test('is refused when one value is too large, though many small ones are not', () => {
    const small = Buffer.from('{"a":1}'.repeat(1000));
    expect(new JsonValues(100).add(small)).toHaveLength(1000);
    expect(() => new JsonValues(100).add(Buffer.from(`{"a":"${'x'.repeat(100)}"}`))).toThrow('more than 100 bytes');
    expect(() => new JsonValues(100).add(Buffer.from(`{"a":"${'x'.repeat(100)}`))).toThrow('more than 100 bytes');
  });
});

describe('a conversation', () => {
  test('brings each answer to its question, in whatever order they come', async () => {
    const kept: unknown[] = [];
    const path = await serveOvs((socket, { id, method }) => {
      kept.push(id);
      if (method === 'first') return;
      for (const each of kept.toReversed()) answer(socket, each, each);
    });
    const results = await converse(path, SOON, async (server) => {
      const first = server.call('first', []);
      await new Promise((resolve) => setTimeout(resolve, 20));
      return Promise.all([first, server.call('second', [])]);
    });
    expect(results).toEqual(kept);
  });

  test('goes on when the server asks whether its client lives', async () => {
    const answered: unknown[] = [];
    const path = await serveOvs((socket, { id, method, ...rest }) => {
      if (method === 'get') socket.write(JSON.stringify({ id: 'echo', method: 'echo', params: ['alive?'] }));
      else answered.push({ id, ...rest });
      if (method === undefined) answer(socket, 1, 'done');
    });
    expect(await converse(path, SOON, (server) => server.call('get', []))).toBe('done');
    expect(answered).toEqual([{ id: 'echo', result: ['alive?'], error: null }]);
  });

  test('goes on when the server refuses a question', async () => {
    const path = await serveOvs((socket, { id, method }) => {
      if (method === 'no') socket.write(JSON.stringify({ id, error: '"no" is not a valid command' }));
      else answer(socket, id, 'yes');
    });
    const said = await converse(path, SOON, async (server) => {
      const refusal = await server.call('no', []).catch((error: Error) => error.message);
      return [refusal, await server.call('yes', [])];
    });
    expect(said).toEqual(['the server refuses: "\\"no\\" is not a valid command"', 'yes']);
  });
});
