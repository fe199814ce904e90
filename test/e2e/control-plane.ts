import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Assets } from './assets.ts';
import type { Cluster } from './cluster.ts';
import type { DefinitionsOfRun } from './definitions.ts';
import { type Kubectl, kubectlFor } from './kubectl.ts';

const START_TIMEOUT_MS = 120_000;

/** Of what a process says, kept for when it fails. */
const LOG_CHARACTERS = 8000;

/** Starts etcd and kube-apiserver as envtest does, on free ports, and installs CustomResourceDefinitions. */
export async function startControlPlane(assets: Assets, definitions: DefinitionsOfRun): Promise<Cluster> {
  const directory = mkdtempSync(join(tmpdir(), 'vhostguard-e2e-'));
  const ports = { etcd: await freePort(), peer: await freePort(), api: await freePort() };
  const token = randomBytes(16).toString('hex');
  writeFileSync(join(directory, 'tokens.csv'), `${token},admin,admin,system:masters\n`, { mode: 0o600 });
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(join(directory, 'service-account.key'), privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 });

  const etcd = run(assets.etcd, etcdArguments(directory, ports));
  const serverArguments = apiServerArguments(directory, ports);
  let apiServer = run(assets.apiServer, serverArguments);
  const kubeconfig = join(directory, 'kubeconfig');
  const kubectl = kubectlFor(kubeconfig, assets.kubectl);
  const whenReady = (): Promise<void> =>
    waitUntil('kube-apiserver is ready', [etcd, apiServer], async () => {
      const certificate = certificateIn(directory);
      if (certificate === undefined) return false;
      replace(kubeconfig, kubeconfigOf(`https://127.0.0.1:${ports.api}`, token, certificate));
      return (await kubectl(['get', '--raw', '/readyz'])).ok;
    });
  const close = async (): Promise<void> => {
    // There is nothing to be kept, and kube-apiserver takes a minute to end in good order.
    for (const running of [apiServer, etcd]) await end(running);
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await whenReady();
    await install(kubectl, definitions);
  } catch (thrown) {
    await close();
    throw thrown;
  }
  return {
    kubeconfig,
    kubectl: assets.kubectl,
    stopServer: () => end(apiServer),
    startServer: async () => {
      apiServer = run(assets.apiServer, serverArguments);
      await whenReady();
    },
    close,
  };
}

/** Resolves when all of them can be used: that a definition is established does not say that its kind can be found yet. */
async function install(kubectl: Kubectl, { definitions, path = '-' }: DefinitionsOfRun): Promise<void> {
  const applied = await kubectl(['apply', '--server-side', '-f', path], { apiVersion: 'v1', kind: 'List', items: definitions });
  if (!applied.ok) throw new Error(applied.stderr);
  const names = definitions.map(({ metadata }) => `crd/${String(Object(metadata)['name'])}`);
  const established = await kubectl(['wait', '--for=condition=Established', ...names, '--timeout=60s']);
  if (!established.ok) throw new Error(established.stderr);
  await waitUntil('what was defined is found', [], async () => {
    const lists = definitions.map(({ metadata }) => kubectl(['get', '-A', String(Object(metadata)['name'])]));
    return (await Promise.all(lists)).every(({ ok }) => ok);
  });
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

/** What a process is, and the last that it said. */
interface Running {
  readonly name: string;
  readonly child: ChildProcess;
  readonly log: () => string;
}

function run(command: string, args: readonly string[]): Running {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log = `${log}${text}`.slice(-LOG_CHARACTERS);
    });
  }
  child.on('error', (error) => {
    log = `${log}${error.message}`;
  });
  return { name: basename(command), child, log: () => log };
}

function isOver({ child }: Running): boolean {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
}

async function end(running: Running): Promise<void> {
  if (isOver(running)) return;
  const exited = once(running.child, 'exit');
  running.child.kill('SIGKILL');
  await exited;
}

/** The certificate that kube-apiserver made for itself, once it is written whole: its key comes after it. */
function certificateIn(directory: string): Buffer | undefined {
  const file = join(directory, 'certs/apiserver.crt');
  return existsSync(join(directory, 'certs/apiserver.key')) ? readFileSync(file) : undefined;
}

/** Whoever reads the file at that moment reads one of the two texts. */
function replace(file: string, text: string): void {
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

async function waitUntil(what: string, processes: readonly Running[], holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await holds())) {
    const over = processes.find(isOver);
    const logs = processes.map(({ name, log }) => `${name}:\n${log()}`).join('\n');
    if (over !== undefined) throw new Error(`${over.name} ended before ${what}\n${logs}`);
    if (Date.now() > deadline) throw new Error(`not within ${START_TIMEOUT_MS / 1000} s: ${what}\n${logs}`);
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
