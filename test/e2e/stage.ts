import { join } from 'node:path';
import { expect, vi } from 'vitest';
import type { JsonObject } from '../../src/core/json.ts';
import { type Balancer, startBalancer } from './balancer.ts';
import type { Cluster } from './cluster.ts';
import { type Kubectl, type KubectlResult, kubectlFor } from './kubectl.ts';
import { NAMESPACE } from './objects.ts';
import { type Program, said, scratchDirectory, startProgram } from './product.ts';

/** Longest wait for what the product does by itself, in milliseconds. */
const PATIENCE_MS = 40_000;

/** A process of `vhostguard serve`. */
export interface Replica extends Program {
  readonly port: number;
}

/** The product beside a cluster: one controller, and replicas of the webhooks behind one address. */
export class Stage {
  readonly cluster: Cluster;
  readonly kubectl: Kubectl;
  /** The replicas that run, the oldest first. */
  readonly replicas: Replica[] = [];
  readonly certsDir: string;
  readonly #balancer: Balancer;
  readonly #scratch = scratchDirectory();
  #controller: Program | undefined;

  private constructor(cluster: Cluster, balancer: Balancer) {
    this.cluster = cluster;
    this.kubectl = kubectlFor(cluster.kubeconfig, cluster.kubectl);
    this.certsDir = join(this.#scratch.path, 'certs');
    this.#balancer = balancer;
  }

  static async on(cluster: Cluster): Promise<Stage> {
    return new Stage(cluster, await startBalancer());
  }

  get controller(): Program {
    if (this.#controller === undefined) throw new Error('there is no controller yet');
    return this.#controller;
  }

  apply(object: JsonObject, ...args: string[]): Promise<KubectlResult> {
    return this.kubectl(['apply', '--validate=false', ...args, '-f', '-'], object);
  }

  async read(kind: string, name: string): Promise<Record<string, never> | undefined> {
    const { ok, stdout } = await this.kubectl(['get', '-n', NAMESPACE, kind, name, '-o', 'json']);
    return ok ? JSON.parse(stdout) : undefined;
  }

  /** Patches an object of the namespace. @param args such as `--subresource=status` */
  patch(target: string, type: 'merge' | 'json', patch: object, ...args: string[]): Promise<KubectlResult> {
    return this.kubectl(['patch', '-n', NAMESPACE, ...target.split('/'), `--type=${type}`, '-p', JSON.stringify(patch), ...args]);
  }

  /** Starts a replica, and leads connections to it when it is ready. */
  async startReplica(): Promise<Replica> {
    const flags = ['--kubeconfig', this.cluster.kubeconfig, '--certs-dir', this.certsDir, '--listen', '127.0.0.1:0', '--drain', '2'];
    const program = await startProgram(['serve', ...flags]);
    const port = Number(await said(/https:\/\/127\.0\.0\.1:(\d+)/, program.output, { exitCode: null }));
    await program.whenReady();
    const replica = { ...program, port };
    this.replicas.push(replica);
    this.#balancer.add(port);
    return replica;
  }

  /** Leads no new connection to a replica, as when its pod is deleted, and ends it. */
  async retire(replica: Replica): Promise<void> {
    this.#balancer.withdraw(replica.port);
    await replica.end('SIGTERM');
    this.replicas.splice(this.replicas.indexOf(replica), 1);
  }

  /** Ends a replica while connections still lead to it. */
  async kill(replica: Replica): Promise<void> {
    await replica.end('SIGKILL');
    this.replicas.splice(this.replicas.indexOf(replica), 1);
  }

  async startController(): Promise<void> {
    const where = ['--certs-dir', this.certsDir, '--webhook-url', `https://127.0.0.1:${this.#balancer.port}`];
    this.#controller = await startProgram(['controller', '--kubeconfig', this.cluster.kubeconfig, ...where]);
    await this.#controller.whenReady();
  }

  async close(): Promise<void> {
    for (const program of [this.#controller, ...this.replicas]) await program?.end('SIGKILL');
    await this.#balancer.close();
    await this.cluster.close();
    this.#scratch.remove();
  }
}

/** What kubectl said, where it succeeded. @throws Error with what it said otherwise */
export function ok(result: KubectlResult): KubectlResult {
  if (!result.ok) throw new Error(`kubectl failed: ${result.stderr}`);
  return result;
}

/** Waits until what is expected comes true: an API server takes its time with what is registered and removed. */
export async function eventually(expectation: () => Promise<unknown>, timeout = PATIENCE_MS): Promise<void> {
  await vi.waitFor(expectation, { timeout, interval: 300 });
}

/** Requests that follow each other until they are stopped. */
export interface Load {
  /** Resolves after so many more requests. */
  more(count: number): Promise<void>;
  /** @returns what failed, of how many. */
  stop(): Promise<{ readonly failed: readonly string[]; readonly count: number }>;
}

/** Has an object judged over and over, by two users at once, and keeps nothing. */
export function startLoad(stage: Stage, object: JsonObject): Load {
  let isOpen = true;
  let count = 0;
  const failed: string[] = [];
  const send = async (): Promise<void> => {
    while (isOpen) {
      const result = await stage.apply(object, '--dry-run=server');
      count += 1;
      if (!result.ok) failed.push(result.stderr);
    }
  };
  const sending = Promise.all([send(), send()]);
  return {
    more: (more) => {
      const wanted = count + more;
      return eventually(async () => expect(count).toBeGreaterThanOrEqual(wanted));
    },
    stop: async () => {
      isOpen = false;
      await sending;
      return { failed, count };
    },
  };
}
