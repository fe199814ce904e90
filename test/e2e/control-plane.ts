import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Assets } from './assets.ts';
import type { Cluster } from './cluster.ts';
import { kubectlFor } from './kubectl.ts';

const START_TIMEOUT_MS = 90_000;

/**
 * Starts etcd and kube-apiserver as envtest does, on free ports, and installs the CustomResourceDefinitions in `crds`: files or
 * directories.
 */
export async function startControlPlane(assets: Assets, crds: readonly string[]): Promise<Cluster> {
  const directory = mkdtempSync(join(tmpdir(), 'vhostguard-e2e-'));
  const ports = { etcd: await freePort(), peer: await freePort(), api: await freePort() };
  const token = randomBytes(16).toString('hex');
  writeFileSync(join(directory, 'tokens.csv'), `${token},admin,admin,system:masters\n`);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(join(directory, 'service-account.key'), privateKey.export({ type: 'pkcs1', format: 'pem' }));

  const etcd = run(assets.etcd, etcdArguments(directory, ports), directory, 'etcd');
  const serverArguments = apiServerArguments(directory, ports);
  let apiServer = run(assets.apiServer, serverArguments, directory, 'kube-apiserver');
  const kubeconfig = join(directory, 'kubeconfig');
  const server = `https://127.0.0.1:${ports.api}`;
  const kubectl = kubectlFor(kubeconfig);
  const whenReady = async (): Promise<void> => {
    await waitUntil(`kube-apiserver is ready, see ${directory}/kube-apiserver.log`, async () => {
      try {
        writeFileSync(kubeconfig, kubeconfigOf(server, token, readFileSync(join(directory, 'certs/apiserver.crt'))));
      } catch {
        return false;
      }
      return (await kubectl(['get', '--raw', '/readyz'])).ok;
    });
  };
  await whenReady();
  for (const crd of crds) await required(kubectl(['apply', '--server-side', '-f', crd]));
  await required(kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s']));
  return {
    description: 'kube-apiserver',
    kubeconfig,
    prunes: true,
    stopServer: () => end(apiServer, 'SIGKILL'),
    startServer: async () => {
      apiServer = run(assets.apiServer, serverArguments, directory, 'kube-apiserver');
      await whenReady();
    },
    close: async () => {
      await end(apiServer, 'SIGTERM');
      await end(etcd, 'SIGTERM');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

interface Ports {
  readonly etcd: number;
  readonly peer: number;
  readonly api: number;
}

function etcdArguments(directory: string, { etcd, peer }: Ports): string[] {
  const client = `http://127.0.0.1:${etcd}`;
  const peers = `http://127.0.0.1:${peer}`;
  return [
    `--data-dir=${join(directory, 'etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peers}`,
    `--initial-advertise-peer-urls=${peers}`,
    `--initial-cluster=default=${peers}`,
    '--unsafe-no-fsync',
  ];
}

/** @see https://github.com/kubernetes-sigs/controller-runtime/blob/main/pkg/internal/testing/controlplane/apiserver.go */
function apiServerArguments(directory: string, { etcd, api }: Ports): string[] {
  const key = join(directory, 'service-account.key');
  return [
    `--etcd-servers=http://127.0.0.1:${etcd}`,
    `--cert-dir=${join(directory, 'certs')}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${api}`,
    `--token-auth-file=${join(directory, 'tokens.csv')}`,
    '--authorization-mode=RBAC',
    '--service-cluster-ip-range=10.0.0.0/24',
    '--allow-privileged=true',
    // There is no controller manager that would make service accounts for pods.
    '--disable-admission-plugins=ServiceAccount',
    '--service-account-issuer=https://127.0.0.1/',
    `--service-account-key-file=${key}`,
    `--service-account-signing-key-file=${key}`,
  ];
}

function kubeconfigOf(server: string, token: string, ca: Buffer): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'e2e',
    contexts: [{ name: 'e2e', context: { cluster: 'e2e', user: 'admin' } }],
    clusters: [{ name: 'e2e', cluster: { server, 'certificate-authority-data': ca.toString('base64') } }],
    users: [{ name: 'admin', user: { token } }],
  });
}

function run(command: string, args: readonly string[], directory: string, name: string): ChildProcess {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const log = join(directory, `${name}.log`);
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => writeFileSync(log, chunk, { flag: 'a' }));
  return child;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

async function required(result: Promise<{ ok: boolean; stderr: string }>): Promise<void> {
  const { ok, stderr } = await result;
  if (!ok) throw new Error(stderr);
}

async function waitUntil(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within ${START_TIMEOUT_MS / 1000} s: ${what}`);
    await sleep(300);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
