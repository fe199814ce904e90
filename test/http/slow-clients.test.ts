import { connect, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createByteBudget } from '../../src/admission/body.ts';
import { recorded } from '../support/reviews.ts';
import { startTestServer, type TestServer } from '../support/webhook-server.ts';

let running: TestServer;

beforeAll(async () => {
  running = await startTestServer({ limits: { headersTimeout: 300, requestTimeout: 600, connectionsCheckingInterval: 100 } });
});

afterAll(async () => {
  await running.stop();
});

/** Sends the text byte by byte until the server has had enough. @returns what the server said. */
async function drip(text: string): Promise<string> {
  const socket: TLSSocket = connect({ host: '127.0.0.1', port: running.port, ca: running.ca });
  let reply = '';
  socket.setEncoding('latin1').on('data', (data: string) => {
    reply += data;
  });
  socket.on('error', () => undefined);
  const bytes = text[Symbol.iterator]();
  const timer = setInterval(() => {
    const next = bytes.next();
    if (!next.done && socket.writable) socket.write(next.value);
  }, 20);
  await new Promise((resolve) => socket.on('close', resolve));
  clearInterval(timer);
  return reply;
}

describe('a slow client', () => {
  test('is dropped while it sends its headers', async () => {
    expect(await drip(`POST /validate HTTP/1.1\r\nx: ${'x'.repeat(1000)}`)).toMatch(/^(HTTP\/1.1 408 |$)/);
  });

  test('is dropped while it sends its body', async () => {
    const head = 'POST /validate HTTP/1.1\r\nhost:a\r\ncontent-type:application/json\r\ncontent-length:9000\r\n\r\n';
    const socket: TLSSocket = connect({ host: '127.0.0.1', port: running.port, ca: running.ca });
    socket.on('error', () => undefined).write(`${head}{"kind":`);
    await new Promise((resolve) => socket.on('close', resolve).resume());
  });

  test('does not keep others waiting', async () => {
    const slow = drip(`POST /validate HTTP/1.1\r\nx: ${'x'.repeat(1000)}`);
    expect((await running.client.post({ body: recorded('06') })).status).toBe(200);
    await slow;
  });
});

test('a body beyond the bytes in flight is refused with 429 and a time to retry', async () => {
  const budget = createByteBudget(1000);
  const server = await startTestServer({ budget });
  budget.take(900);
  const refused = await server.client.post({ body: recorded('06') });
  expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
  budget.giveBack(900);
  await server.stop();
});

test('the bytes in flight are given back whatever becomes of a body', async () => {
  const limit = 100_000;
  const budget = createByteBudget(limit);
  const isAllBack = (): boolean => {
    if (!budget.take(limit)) return false;
    budget.giveBack(limit);
    return true;
  };
  const server = await startTestServer({ budget });
  await server.client.post({ body: recorded('06') });
  await server.client.post({ body: '{' });
  const socket: TLSSocket = connect({ host: '127.0.0.1', port: server.port, ca: server.ca });
  socket.on('error', () => undefined);
  socket.write('POST /validate HTTP/1.1\r\nhost:a\r\ncontent-type:application/json\r\ncontent-length:9000\r\n\r\n{"kind":');
  await expect.poll(isAllBack).toBe(false);
  socket.destroy();
  await expect.poll(isAllBack).toBe(true);
  await server.stop();
});
