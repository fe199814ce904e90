import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { readCluster } from '../../src/cluster/read.ts';
import { AppError } from '../../src/core/errors.ts';
import { answerStatus, startApiServer, TOKEN } from '../support/fake-api-server.ts';
import { kubeconfigFor, temporaryFile, trusting } from '../support/kubeconfig.ts';

/** Code and message that reading ends in, without the port, and without the kind that happened to be answered first. */
async function failureOf(options: Partial<Parameters<typeof readCluster>[0]>): Promise<string> {
  const thrown = await readCluster({ timeoutMs: 10_000, ...options }).catch((error: unknown) => error);
  if (!(thrown instanceof AppError)) throw new Error(`no AppError: ${String(thrown)}`);
  expect(thrown.hint).toMatch(/./);
  const shown = `${thrown.code} ${thrown.message}\n${thrown.hint}`;
  expect(shown).not.toContain(TOKEN);
  return (
    shown
      .replace(/:\d{4,5}\b/, ':PORT')
      .replace(/(the list of) \S+/, '$1 KIND')
      .split('\n')[0] ?? ''
  );
}

/** A kubeconfig for an API server that answers every request in one way. */
async function configFor(intercept: (url: URL, response: ServerResponse) => true): Promise<string> {
  const { url, ca, stop } = await startApiServer([], intercept);
  onTestFinished(stop);
  return kubeconfigFor({ server: url, cluster: trusting(ca) });
}

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

describe('an API server that does not answer as one', () => {
  test.for<[string, (url: URL, response: ServerResponse) => true, string]>([
    [
      'that does not know the user',
      (_, response) => answerStatus(response, 401, 'Unauthorized'),
      "the API server does not accept the user's credentials (401)",
    ],
    [
      'that sees no credentials',
      (_, response) => answerStatus(response, 403, 'nodes is forbidden: User "system:anonymous" cannot list resource "nodes"'),
      "the API server does not accept the user's credentials (403)",
    ],
    [
      'in trouble',
      (url, response) => answerStatus(response, url.pathname.endsWith('/kubevirts') ? 500 : 403, 'etcdserver: request timed out'),
      'the API server answers the list of KIND with 500: "etcdserver: request timed out"',
    ],
    [
      'without built-in kinds',
      (_, response) => answerStatus(response, 404, 'no'),
      'the API server answers the list of KIND with 404: "no"',
    ],
    [
      'that is a web page',
      (_, response) => {
        response.end('<html>log in</html>');
        return true;
      },
      'the API server answers the list of KIND with 200',
    ],
    [
      'whose list expires twice',
      (url, response) => {
        if (url.searchParams.has('continue')) return answerStatus(response, 410, 'gone');
        response.end(JSON.stringify({ metadata: { continue: 'x' }, items: [] }));
        return true;
      },
      'the API server answers the list of KIND with 410: "gone"',
    ],
    [
      'that cuts its answer off',
      (_, response) => {
        response.writeHead(200, { 'content-length': '1000' });
        response.write('{"items":[');
        setTimeout(() => response.destroy(), 20);
        return true;
      },
      'cannot read from the API server 127.0.0.1:PORT: the connection was cut',
    ],
  ])('%s', async ([, intercept, message]) => {
    expect(await failureOf({ kubeconfig: await configFor(intercept) })).toBe(`CLUSTER_UNREACHABLE ${message}`);
  });

  test.for<[string, (response: ServerResponse) => void]>([
    ['at all', () => undefined],
    ['to the end', (response) => response.writeHead(200).write('{"items":[')],
  ])('%s, in time', async ([, answer]) => {
    const kubeconfig = await configFor((_, response) => {
      answer(response);
      return true;
    });
    expect(await failureOf({ kubeconfig, timeoutMs: 400 })).toBe(
      'CLUSTER_UNREACHABLE cannot read from the API server 127.0.0.1:PORT: no answer within 0.4 s',
    );
  });

  test('fast is waited for as long as answers come', async () => {
    const { url, ca, stop } = await startApiServer([], (_, response) => {
      setTimeout(() => response.end('{"items":[]}'), 800);
      return true;
    });
    onTestFinished(stop);
    const { objects } = await readCluster({ kubeconfig: kubeconfigFor({ server: url, cluster: trusting(ca) }), timeoutMs: 2000 });
    expect(objects).toEqual([]);
  });
});

describe('a server that cannot be reached', () => {
  test('where nothing listens', async () => {
    const server = createTcpServer();
    const port = await portOf(server);
    server.close();
    expect(await failureOf({ kubeconfig: kubeconfigFor({ server: `https://127.0.0.1:${port}` }) })).toBe(
      'CLUSTER_UNREACHABLE cannot read from the API server 127.0.0.1:PORT: the connection is refused',
    );
  });

  test('whose certificate is not trusted', async () => {
    const { url, stop } = await startApiServer([]);
    onTestFinished(stop);
    expect(await failureOf({ kubeconfig: kubeconfigFor({ server: url }) })).toBe(
      'CLUSTER_UNREACHABLE cannot read from the API server 127.0.0.1:PORT: unable to verify the first certificate',
    );
  });

  test('that speaks no TLS', async () => {
    const port = await portOf(createServer((_, response) => response.end('hello')));
    expect(await failureOf({ kubeconfig: kubeconfigFor({ server: `https://127.0.0.1:${port}` }) })).toBe(
      'CLUSTER_UNREACHABLE cannot read from the API server 127.0.0.1:PORT: it does not speak TLS',
    );
  });
});

describe('a kubeconfig that cannot be used', () => {
  const HTTPS = { name: 'c', cluster: { server: 'https://127.0.0.1:1' } };
  const CONTEXT = { name: 'lab', context: { cluster: 'c', user: 'u' } };
  const USER = { name: 'u', user: { token: TOKEN } };

  test.for<[string, string, string]>([
    [
      'is no YAML',
      `users:\n- name: u\n  user: {token: ${TOKEN}\nclusters: [`,
      'cannot read the kubeconfig FILE: line 4: missed comma between flow collection entries',
    ],
    ['is empty', '', 'cannot read the kubeconfig FILE: it has not the form of one'],
    ['is a list', '[]', 'the kubeconfig FILE names no current-context'],
    [
      'lacks a server',
      JSON.stringify({ clusters: [{ name: 'c', cluster: {} }] }),
      'cannot read the kubeconfig FILE: clusters[0].cluster.server is missing',
    ],
    ['names no context', JSON.stringify({ clusters: [HTTPS] }), 'the kubeconfig FILE names no current-context'],
    [
      'names a context that it lacks',
      JSON.stringify({ 'current-context': 'x', contexts: [CONTEXT] }),
      'the kubeconfig FILE has no context "x"',
    ],
    [
      'lacks the cluster',
      JSON.stringify({ 'current-context': 'lab', contexts: [CONTEXT], users: [USER] }),
      'the kubeconfig FILE has no cluster "c" with an https URL',
    ],
    [
      'has no URL of a server',
      JSON.stringify({
        'current-context': 'lab',
        contexts: [CONTEXT],
        clusters: [{ name: 'c', cluster: { server: 'lab' } }],
        users: [USER],
      }),
      'the kubeconfig FILE has no cluster "c" with an https URL',
    ],
    [
      'lacks the user',
      JSON.stringify({ 'current-context': 'lab', contexts: [CONTEXT], clusters: [HTTPS] }),
      'the kubeconfig FILE has no user "u"',
    ],
  ])('%s', async ([, text, message]) => {
    const kubeconfig = temporaryFile('kubeconfig', text);
    expect((await failureOf({ kubeconfig })).replace(kubeconfig, 'FILE')).toBe(`CLUSTER_UNREACHABLE ${message}`);
  });

  test('is not there', async () => {
    expect(await failureOf({ kubeconfig: '/nowhere/kubeconfig' })).toBe(
      'CLUSTER_UNREACHABLE cannot read the kubeconfig /nowhere/kubeconfig: there is no such file',
    );
  });

  test('has not the context asked for', async () => {
    const kubeconfig = kubeconfigFor({ server: 'https://127.0.0.1:1' });
    expect((await failureOf({ kubeconfig, context: 'prod' })).replace(kubeconfig, 'FILE')).toBe(
      'CLUSTER_UNREACHABLE the kubeconfig FILE has no context "prod"',
    );
  });

  test('is none at all', async () => {
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv('KUBECONFIG', '');
    vi.stubEnv('HOME', '/nowhere');
    expect(await failureOf({})).toBe('CLUSTER_UNREACHABLE there is no kubeconfig: neither $KUBECONFIG nor ~/.kube/config');
  });

  test.for<[string, object, string]>([
    ['is missing', { command: '/nowhere/plugin' }, 'spawn /nowhere/plugin ENOENT'],
    ['fails', { command: 'sh', args: ['-c', 'echo "session expired" >&2; exit 1'] }, 'session expired'],
    ['prints something else', { command: 'echo', args: [TOKEN] }, 'what the credential plugin or provider answers cannot be read'],
    ['prints no status', { command: 'echo', args: ['{}'] }, 'what the credential plugin or provider answers cannot be read'],
    ['hangs', { command: 'sleep', args: ['2'] }, 'the credential plugin gives no answer within 0.4 s'],
  ])('names a credential plugin that %s', async ([, exec, message]) => {
    const kubeconfig = kubeconfigFor({ server: 'https://127.0.0.1:1', user: { exec } });
    expect((await failureOf({ kubeconfig, timeoutMs: 400 })).replace(kubeconfig, 'FILE')).toBe(
      `CLUSTER_UNREACHABLE the kubeconfig FILE gives no usable credentials: ${message}`,
    );
  });
});
