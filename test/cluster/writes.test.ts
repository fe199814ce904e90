import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { Agent, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { connect } from '../../src/cluster/api-server.ts';
import { createConnection } from '../../src/cluster/connection.ts';
import { openKubeconfig, readKubeconfig } from '../../src/cluster/kubeconfig.ts';
import { list } from '../../src/cluster/list.ts';
import { RESOURCES, type Resource } from '../../src/cluster/resources.ts';
import { watch } from '../../src/cluster/watch.ts';
import { createSend, sendUntil } from '../../src/cluster/writes.ts';
import { sendTo } from '../support/controller.ts';
import { type FakeApiServer, startFakeApiServer } from '../support/fake-api-server/server.ts';
import { TOKEN } from '../support/fake-api-server.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const SECRETS = '/api/v1/namespaces/nfv/secrets';
const BUSY = (code: number, seconds: string) => ({ code, message: 'too many requests', headers: { 'retry-after': seconds } });
const NODES = RESOURCES.find(({ kind }) => kind === 'Node') as Resource;

async function cluster(): Promise<FakeApiServer> {
  const server = await startFakeApiServer();
  onTestFinished(server.stop);
  return server;
}

/** Milliseconds that something takes. */
async function timed(act: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await act();
  return performance.now() - startMs;
}

describe('an API server that asks to be asked later', () => {
  test.for([429, 503])('with %s and Retry-After is asked again after that time, and not before', async (code) => {
    const server = await cluster();
    const send = sendTo(server);
    server.failNext(({ verb }) => verb === 'create', BUSY(code, '1'));
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } };
    let status = 0;
    const tookMs = await timed(async () => {
      ({ status } = await send('POST', SECRETS, secret));
    });
    expect(status).toBe(201);
    expect(server.requests.map(({ verb }) => verb)).toEqual(['create', 'create']);
    expect(tookMs).toBeGreaterThan(990);
  });

  test('again and again is given up on: its answer is handed on', async () => {
    const server = await cluster();
    server.failNext(() => true, BUSY(429, '0'), Infinity);
    expect(await sendTo(server)('GET', SECRETS)).toMatchObject({ status: 429 });
    expect(server.requests).toHaveLength(4);
  });

  test('in a year is asked again in time, and without a time that can be read at once no more', async () => {
    const server = await cluster();
    server.failNext(() => true, BUSY(503, '31536000'));
    expect(await sendTo(server, 400)('GET', SECRETS)).toMatchObject({ status: 200 });
    server.failNext(() => true, BUSY(503, 'Wed, 21 Oct 2026 07:28:00 GMT'));
    expect(await sendTo(server)('GET', SECRETS)).toMatchObject({ status: 503 });
    server.failNext(() => true, BUSY(404, '1'));
    expect(await sendTo(server)('GET', SECRETS)).toMatchObject({ status: 404 });
    expect(server.requests).toHaveLength(4);
  });

  test('has its lists and watches come back then too', async () => {
    const server = await cluster();
    const access = await readKubeconfig({ kubeconfig: server.kubeconfig(), timeoutMs: 5000 });
    server.failNext(({ verb }) => verb === 'list', BUSY(429, '1'));
    const { get, close } = connect(access, 5000);
    expect(await timed(async () => expect(await list(NODES, get)).toMatchObject({ state: 'listed' }))).toBeGreaterThan(990);
    close();
    server.failNext(({ verb }) => verb === 'watch', BUSY(429, '1'));
    const watching = async (): Promise<void> => {
      const { signal } = new AbortController();
      const told = { onOpen: () => undefined, onEvent: () => undefined };
      const ending = watch(access, { resource: NODES, resourceVersion: '1', timeoutMs: 5000, silenceMs: 5000, signal, ...told });
      await expect(ending).rejects.toThrow('answers the watch of nodes with 429');
    };
    expect(await timed(watching)).toBeGreaterThan(990);
  });

  test('is not waited for by who ends', async () => {
    const server = await cluster();
    server.failNext(() => true, BUSY(429, '10'), Infinity);
    const ending = new AbortController();
    const sending = sendUntil(ending.signal, sendTo(server, 60_000))('GET', SECRETS);
    await vi.waitFor(() => expect(server.requests).toHaveLength(1));
    ending.abort();
    await expect(sending).rejects.toThrow('no answer in time');
    expect(server.requests).toHaveLength(1);
  });
});

describe('connections', () => {
  test('are used again', async () => {
    const server = await cluster();
    const send = sendTo(server);
    for (let count = 0; count < 20; count += 1) await send('GET', SECRETS);
    expect(server.requests).toHaveLength(20);
    expect(server.connections()).toBe(1);
  });

  test('that the API server closed while they were idle cost no request', async () => {
    const server = await cluster();
    const send = sendTo(server);
    await Promise.all(Array.from({ length: 5 }, () => send('GET', SECRETS)));
    await server.stop();
    await server.start();
    expect(await Promise.all(Array.from({ length: 5 }, () => send('GET', SECRETS)))).toMatchObject(Array(5).fill({ status: 200 }));
  });

  test('that are cut under a request are no reason to send it for ever', async () => {
    const server = await cluster();
    const send = sendTo(server);
    await send('GET', SECRETS);
    server.failNext(() => true, 'reset', Infinity);
    await expect(send('GET', SECRETS)).rejects.toThrow('the connection was cut');
    expect(server.requests).toHaveLength(3);
  });

  test('that are cut in the middle of an answer do not send the request again behind the back of who sent it', async () => {
    let asked = 0;
    const server = createServer((_request, response) => {
      asked += 1;
      if (asked !== 2) response.end('{}');
      else response.writeHead(200, { 'content-length': 1000 }).write('{', () => setTimeout(() => response.socket?.resetAndDestroy(), 50));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close().closeAllConnections());
    const access = { context: 'lab', server: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
    const send = createSend(async () => ({ ...access, requestOptions: { agent: new Agent() } }), 5000);
    await send('GET', SECRETS);
    await expect(send('POST', SECRETS, {})).rejects.toThrow('the connection was cut');
    expect(await send('GET', SECRETS)).toMatchObject({ status: 200 });
    expect(asked).toBe(3);
  });

  test('on which nothing is answered are given up at once when the program ends', async () => {
    const server = await cluster();
    server.failNext(() => true, 'hang', Infinity);
    const ending = new AbortController();
    const send = sendUntil(ending.signal, sendTo(server, 60_000));
    const sending = [send('GET', SECRETS), send('POST', SECRETS, {})];
    await vi.waitFor(() => expect(server.requests).toHaveLength(2));
    ending.abort();
    for (const each of sending) await expect(each).rejects.toThrow('no answer in time');
    await expect(send('GET', SECRETS)).rejects.toThrow('no answer in time');
    expect(server.requests).toHaveLength(2);
  });
});

describe('the service account of a pod', () => {
  interface Mount {
    readonly root: string;
    rotate(token: string): void;
    trust(ca: string): void;
  }

  function mount(server: FakeApiServer, token: string): Mount {
    const root = temporaryDirectory();
    const directory = join(root, 'var/run/secrets/kubernetes.io/serviceaccount');
    mkdirSync(directory, { recursive: true });
    const rotate = (next: string): void => writeFileSync(join(directory, 'token'), next);
    const trust = (ca: string): void => writeFileSync(join(directory, 'ca.crt'), ca);
    rotate(token);
    trust(server.ca);
    writeFileSync(join(directory, 'namespace'), 'vhostguard');
    const { hostname, port } = new URL(server.url);
    vi.stubEnv('KUBERNETES_SERVICE_HOST', hostname);
    vi.stubEnv('KUBERNETES_SERVICE_PORT', port);
    onTestFinished(() => void vi.unstubAllEnvs());
    return { root, rotate, trust };
  }

  test('leads to the API server, with a token that is read again when it is no longer accepted', async () => {
    const server = await cluster();
    const { root, rotate } = mount(server, 'expired');
    const options = { isInCluster: true, serviceAccountRoot: root, timeoutMs: 5000 };
    const send = createSend(openKubeconfig(options), 5000);
    const { access } = createConnection(options);
    expect(await send('GET', SECRETS)).toMatchObject({ status: 401 });
    rotate(TOKEN);
    expect(await send('GET', SECRETS)).toMatchObject({ status: 200 });
    expect((await access()).requestOptions.headers).toMatchObject({ Authorization: `Bearer ${TOKEN}` });
  });

  test('is trusted by the authority of the moment: when the cluster has a new one, nothing has to be started anew', async () => {
    const server = await cluster();
    const { root, trust } = mount(server, TOKEN);
    const send = createSend(openKubeconfig({ isInCluster: true, serviceAccountRoot: root, timeoutMs: 5000 }), 5000);
    trust((await cluster()).ca);
    await expect(send('GET', SECRETS)).rejects.toThrow('cannot reach the API server');
    trust(server.ca);
    expect(await send('GET', SECRETS)).toMatchObject({ status: 200 });
  });
});
