import { onTestFinished, vi } from 'vitest';
import { run } from '../../src/cli/program.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { valueAt } from '../../src/core/path.ts';
import { type FakeApiServer, startFakeApiServer } from './fake-api-server/server.ts';
import { capturedFiles, hostTree } from './host-tree.ts';

/** A condition of the kubelet. */
export const KUBELETS = { type: 'Ready', status: 'True', reason: 'KubeletReady', lastHeartbeatTime: '2026-11-22T11:59:00Z' };

/** A Node of which no agent has said anything. */
export const NODE: JsonObject = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'worker-0', labels: { zone: 'a' }, annotations: { 'node.alpha.kubernetes.io/ttl': '0' } },
  status: { allocatable: { cpu: '4' }, conditions: [KUBELETS] },
};

/** A host whose kernel is well, and on which OVS is not running. */
export function hostWithoutOvs(): string {
  return hostTree(capturedFiles('two-numa-iommu-1g'));
}

/** A cluster, until the test is over. */
export async function startServer(objects: readonly JsonObject[] = [NODE]): Promise<FakeApiServer> {
  const server = await startFakeApiServer({ objects });
  onTestFinished(server.stop);
  return server;
}

/** The command line of an agent of `NODE`. */
export function flagsFor(server: FakeApiServer, root = hostWithoutOvs()): string[] {
  return ['host', 'agent', '--node', 'worker-0', '--root', root, '--timeout', '1', '--kubeconfig', server.kubeconfig()];
}

export function nodeIn(server: FakeApiServer): JsonObject {
  return server.get({ kind: 'Node', name: 'worker-0' }) ?? {};
}

/** The condition of the agent; undefined while there is none. */
export function conditionIn(server: FakeApiServer): JsonObject | undefined {
  const conditions = valueAt(nodeIn(server), ['status', 'conditions']) as JsonObject[] | undefined;
  return conditions?.find(({ type }) => type === 'VhostUserReady');
}

export interface RunningAgent {
  readonly output: () => string;
  /** The lines of the log, as level and message. */
  readonly log: () => string[];
  readonly stop: () => Promise<number>;
}

/** Runs an agent that looks every second until the test is over. */
export function startAgent(flags: readonly string[]): RunningAgent {
  let stopped: Promise<number> | undefined;
  let signal: () => void = () => undefined;
  const [out, err]: [string[], string[]] = [[], []];
  const ended = run([...flags, '--interval', '1s'], {
    stdout: { write: (text) => out.push(text) },
    stderr: { write: (text) => err.push(text) },
    stdin: async () => Buffer.from(''),
    isTerminal: false,
    env: {},
    now: () => new Date(),
    onSignal: (listener) => {
      signal = () => listener('SIGTERM');
    },
  });
  const stop = (): Promise<number> => {
    signal();
    stopped ??= ended;
    return stopped;
  };
  onTestFinished(async () => void (await stop()));
  const log = (): string[] => {
    const lines = err.join('').split('\n');
    const logged = lines.filter((line) => line.startsWith('{'));
    return logged.map((line) => JSON.parse(line) as { level: string; msg: string }).map(({ level, msg }) => `${level}: ${msg}`);
  };
  return { output: () => out.join(''), log, stop };
}

/** Waits until what is expected is so. */
export function eventually(expectation: () => void): Promise<void> {
  return vi.waitFor(expectation, { timeout: 20_000, interval: 20 });
}
