import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { benchScript } from '../measure/places.ts';
import type { ApiServerFigures, ApiServerRequest } from './api-server.ts';
import type { ClusterSize } from './objects.ts';

/** An API server in a process of its own, with a cluster in it. */
export interface ApiServerProcess {
  readonly size: ClusterSize;
  /** Gone after `stop`, with all that is beside it. */
  readonly directory: string;
  readonly kubeconfig: string;
  /** What Kubernetes tells a container of its cluster; `directory` is where its `/` is. */
  readonly podEnvironment: Readonly<Record<string, string>>;
  figures(): Promise<ApiServerFigures>;
  /** Changes a NAD. */
  change(nad: number, iftype: string): Promise<void>;
  stop(): Promise<void>;
}

/** How often is looked whether something has come true, in milliseconds. */
const LOOK_MS = 20;

/** Starts an API server and writes a kubeconfig for it. @param priority as of `nice`: more than 0 lets others on its core go first */
export async function startApiServer(size: ClusterSize, priority = 0): Promise<ApiServerProcess> {
  const directory = mkdtempSync(join(tmpdir(), 'vhostguard-bench-cluster-'));
  const child = fork(benchScript('cluster/api-server'), [size.vms, size.nads, priority].map(String), {
    execArgv: ['--max-old-space-size=8192'],
  });
  const told = (): Promise<ApiServerFigures> =>
    new Promise((resolve, reject) => {
      const fail = (code: number | null): void => reject(new Error(`the API server of the bench ended with ${code}`));
      child.once('exit', fail);
      child.once('message', (figures: ApiServerFigures) => {
        child.off('exit', fail);
        resolve(figures);
      });
    });
  const ask = (request: ApiServerRequest): Promise<ApiServerFigures> => {
    const answer = told();
    child.send(request);
    return answer;
  };
  const { url, ca } = await told();
  const kubeconfig = join(directory, 'kubeconfig');
  writeFileSync(kubeconfig, kubeconfigFor(url, ca));
  const { hostname, port } = new URL(url);
  const serviceAccount = join(directory, 'var/run/secrets/kubernetes.io/serviceaccount');
  mkdirSync(serviceAccount, { recursive: true });
  writeFileSync(join(serviceAccount, 'token'), 'bench');
  writeFileSync(join(serviceAccount, 'ca.crt'), ca);
  return {
    size,
    directory,
    kubeconfig,
    podEnvironment: { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port },
    figures: () => ask({ ask: 'figures' }),
    change: async (nad, iftype) => void (await ask({ ask: 'change', nad, iftype })),
    stop: async () => {
      const exited = once(child, 'exit');
      child.kill();
      await exited;
      rmSync(directory, { recursive: true });
    },
  };
}

function kubeconfigFor(server: string, ca: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'bench',
    contexts: [{ name: 'bench', context: { cluster: 'bench', user: 'bench' } }],
    clusters: [{ name: 'bench', cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
    users: [{ name: 'bench', user: { token: 'bench' } }],
  });
}

/** Asks until the answer is not `undefined`. @throws Error after `mostMs` milliseconds. */
export async function until<T>(ask: () => Promise<T | undefined> | T | undefined, what: string, mostMs = 600_000): Promise<T> {
  const endMs = performance.now() + mostMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > endMs) throw new Error(`${what} did not come about within ${mostMs / 1000} s`);
    await sleep(LOOK_MS);
  }
}
