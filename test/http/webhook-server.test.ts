import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BODY_LIMIT_BYTES } from '../../src/admission/limits.ts';
import type { AdmissionResponse } from '../../src/admission/review.ts';
import { recorded, requestOf, reviewWith } from '../support/reviews.ts';
import type { PostOptions, Reply } from '../support/webhook-client.ts';
import { startTestServer, type TestServer } from '../support/webhook-server.ts';

let running: TestServer;

beforeAll(async () => {
  running = await startTestServer();
});

afterAll(async () => {
  await running.stop();
});

function responseOf({ text }: Reply): AdmissionResponse {
  return (JSON.parse(text) as { response: AdmissionResponse }).response;
}

async function expectAlive(): Promise<void> {
  const reply = await running.client.post({ body: recorded('06') });
  expect(reply.status).toBe(200);
  expect(responseOf(reply).allowed).toBe(true);
}

async function openTls(): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connectTls({ host: '127.0.0.1', port: running.port, ca: running.ca }, () => resolve(socket));
    socket.on('error', reject);
  });
}

async function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket
      .on('error', () => undefined)
      .on('close', () => resolve())
      .resume();
  });
}

describe('a recorded review', () => {
  test('is repaired by /mutate', async () => {
    const reply = await running.client.post({ path: '/mutate', body: recorded('02') });
    expect(reply.status).toBe(200);
    expect(reply.headers).toMatchObject({ 'content-type': 'application/json', 'content-length': String(reply.text.length) });
    expect(responseOf(reply)).toMatchObject({ uid: requestOf(recorded('02'))['uid'], allowed: true, patchType: 'JSONPatch' });
  });

  test('is denied by /validate as it stands', async () => {
    const reply = await running.client.post({ body: recorded('02') });
    expect(reply.status).toBe(200);
    expect(responseOf(reply)).toMatchObject({ allowed: false, status: { code: 422 } });
  });

  test('may say more about its content type', async () => {
    const headers = { 'content-type': 'Application/JSON ; charset=utf-8' };
    expect((await running.client.post({ body: recorded('06'), headers })).status).toBe(200);
  });

  test('may come in chunks of unknown length', async () => {
    const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
    const options: PostOptions = { body: recorded('06'), headers };
    expect((await running.client.post(options)).status).toBe(200);
  });

  test('may have a slash at the end of its path', async () => {
    expect((await running.client.post({ path: '/validate/', body: recorded('06') })).status).toBe(200);
  });
});

describe('bad input gets an answer, and the next review too', () => {
  const json = { 'content-type': 'application/json' };
  const deep = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`;
  const hostileKeys = recorded('02')
    .toString()
    .replace('"annotations": {', '"annotations": {"__proto__": "x", "constructor": "y",')
    .replace('"spec": {', '"__proto__": {"polluted": true}, "spec": {"__proto__": {"nodeSelector": {}}, "constructor": {"prototype": {}},');

  test.for<[string, PostOptions, number]>([
    ['an empty body', { headers: json }, 400],
    ['an empty body of no type', { headers: {} }, 400],
    ['another content type', { body: recorded('02'), headers: { 'content-type': 'text/plain' } }, 415],
    ['a content type that begins alike', { body: recorded('02'), headers: { 'content-type': 'application/jsonp' } }, 415],
    ['no content type', { body: recorded('02'), headers: {} }, 415],
    ['a compressed body', { body: recorded('02'), headers: { ...json, 'content-encoding': 'gzip' } }, 415],
    ['what is not JSON', { body: '{' }, 400],
    ['JSON that is no AdmissionReview', { body: '{"a":1}' }, 400],
    ['null', { body: 'null' }, 400],
    ['a missing uid', { body: reviewWith({ uid: undefined }) }, 400],
    ["a kind that is not the object's", { body: reviewWith({ kind: { group: '', version: 'v1', kind: 'Pod' } }) }, 400],
    ['no object', { body: reviewWith({ object: null }) }, 400],
    ['10,000 levels and nothing else', { body: deep }, 400],
    ['20 MiB', { body: Buffer.alloc(20 * 1024 * 1024, ' ') }, 413],
    ['20 MiB in chunks', { body: Buffer.alloc(20 * 1024 * 1024, ' '), headers: { ...json, 'transfer-encoding': 'chunked' } }, 413],
    ['millions of empty lists', { body: `[${'[],'.repeat(2_000_000)}[]]` }, 413],
    ['invalid UTF-8', { body: Buffer.from([0x22, 0xff, 0xfe, 0x22]) }, 400],
  ])('%s', async ([, options, status]) => {
    for (const path of ['/mutate', '/validate']) {
      const reply = await running.client.post({ ...options, path });
      expect(reply.status).toBe(status);
      expect(reply.text).not.toMatch(/\n\s+at /);
      const body = JSON.parse(reply.text) as { status?: string; message?: string; response?: AdmissionResponse };
      expect(body.message ?? body.response?.status?.message).toMatch(/./);
    }
    await expectAlive();
  });

  test('an object nested 10,000 levels deep is judged and repaired like any other', async () => {
    for (const path of ['/mutate', '/validate']) {
      for (const [before, after] of [
        ['"dryRun": false', `"dryRun": ${deep}`],
        ['"spec": {', `"status": ${deep}, "spec": {"unknown": ${deep},`],
        ['"devices": {', `"devices": {"disks": [${deep}],`],
      ] as const) {
        const body = recorded('02').toString();
        expect(body).toContain(before);
        const reply = await running.client.post({ path, body: body.replace(before, after) });
        expect(responseOf(reply)).toEqual(responseOf(await running.client.post({ path, body })));
      }
    }
  });

  test('10,000 levels where a mapping is read end in an answer', async () => {
    const body = recorded('02').toString().replace('"devices": {', `"memory": ${deep}, "devices": {`);
    for (const path of ['/mutate', '/validate']) expect((await running.client.post({ path, body })).status).toBe(200);
  });

  test('__proto__ and constructor as keys reach no prototype and no patch', async () => {
    const reply = await running.client.post({ path: '/mutate', body: hostileKeys });
    expect(reply.status).toBe(200);
    const patch = Buffer.from(responseOf(reply).patch ?? '', 'base64').toString();
    expect(patch).toContain('/spec/nodeSelector');
    expect(patch).not.toMatch(/__proto__|constructor/);
    expect(({} as { polluted?: true }).polluted).toBeUndefined();
    await expectAlive();
  });

  test('the largest body that is allowed', async () => {
    const padding = BODY_LIMIT_BYTES - recorded('06').length;
    expect((await running.client.post({ body: Buffer.concat([recorded('06'), Buffer.alloc(padding, ' ')]) })).status).toBe(200);
    const one = Buffer.concat([recorded('06'), Buffer.alloc(padding + 1, ' ')]);
    expect((await running.client.post({ body: one })).status).toBe(413);
  });

  test('the uid comes back with a refusal', async () => {
    const reply = await running.client.post({ body: reviewWith({ object: null }) });
    expect(responseOf(reply)).toMatchObject({
      uid: requestOf(recorded('02'))['uid'],
      allowed: false,
      status: { code: 400, reason: 'BadRequest' },
    });
  });

  test('a connection that ends in the middle of a body', async () => {
    for (let count = 0; count < 20; count += 1) {
      const socket = await openTls();
      socket.on('error', () => undefined);
      socket.write('POST /validate HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"kind":');
      await new Promise((resolve) => setTimeout(resolve, 5));
      socket.destroy();
    }
    await expectAlive();
  });

  test.for(['nonsense / HTTP/1.1\r\n\r\n', '\u0000\u0001\u0002 garbage\r\n\r\n', `GET /${'x'.repeat(100_000)} HTTP/1.1\r\n\r\n`])(
    'bytes that are no TLS, or no HTTP inside it',
    async (bytes) => {
      const plain = connectPlain(running.port, '127.0.0.1');
      plain.write(bytes);
      await closed(plain);
      const tls = await openTls();
      tls.write(bytes);
      await closed(tls);
      await expectAlive();
    },
  );
});

describe('other paths and methods', () => {
  test.for(['GET', 'PUT', 'DELETE', 'OPTIONS'])('%s on a webhook is 405 and names the method', async (method) => {
    const reply = await running.client.post({ method, path: '/mutate' });
    expect(reply).toMatchObject({ status: 405, headers: { allow: 'POST' }, text: '/mutate takes POST only\n' });
  });

  test.for(['/', '/healthz', '/metrics', '/mutate/x', '/%', '/..%2fmutate'])('%s does not exist', async (path) => {
    const reply = await running.client.post({ path, body: recorded('02') });
    expect(reply.status).toBeOneOf([400, 404]);
    expect(reply.headers).not.toHaveProperty('x-powered-by');
    expect(reply.text).toMatch(/^(no such path|bad request)\n$/);
  });
});

test('TLS 1.1 is refused', async () => {
  await expect(
    new Promise((resolve, reject) => {
      const ciphers = 'DEFAULT@SECLEVEL=0';
      const options = {
        host: '127.0.0.1',
        port: running.port,
        ca: running.ca,
        minVersion: 'TLSv1',
        maxVersion: 'TLSv1.1',
        ciphers,
      } as const;
      connectTls(options, () => resolve('connected')).on('error', reject);
    }),
  ).rejects.toThrow(/protocol version|alert|unsupported/i);
  await expectAlive();
});

test('every answer closes its connection while draining', async () => {
  let isDraining = false;
  const server = await startTestServer({ isDraining: () => isDraining });
  const client = server.connect({ keepAlive: true });
  expect((await client.post({ body: recorded('06') })).headers.connection).toBe('keep-alive');
  isDraining = true;
  expect((await client.post({ body: recorded('06') })).headers.connection).toBe('close');
  client.close();
  await server.stop();
});
