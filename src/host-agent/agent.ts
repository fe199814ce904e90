import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from '../cluster/api-server.ts';
import { BackOff } from '../cluster/back-off.ts';
import type { Send } from '../cluster/writes.ts';
import { AppError, describeError } from '../core/errors.ts';
import { isObject, quote } from '../core/json.ts';
import { HOST_CONDITION } from '../kube/host-fault.ts';
import type { HostMetrics } from '../telemetry/host-metrics.ts';
import type { Logger } from '../telemetry/logger.ts';
import { patchFor } from './node-patch.ts';
import { type HostVerdict, unjudged } from './verdict.ts';

/** The host that is looked at, and its Node. */
export interface HostAgentOptions {
  /** The name of the Node. */
  readonly node: string;
  readonly send: Send;
  /** Looks at the host. */
  readonly judge: () => Promise<HostVerdict>;
  readonly logger: Logger;
  readonly metrics: HostMetrics;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** How long things take, in milliseconds. */
export interface AgentPace {
  /** From one look at the host to the next. */
  readonly intervalMs: number;
  /** The first wait after a failure; it doubles, up to the interval. */
  readonly firstRetryMs: number;
}

/** Keeps what a Node says of its host true. */
export class HostAgent {
  readonly #options: HostAgentOptions;
  #said = '';
  #problem: string | undefined;
  #isSaid = false;

  constructor(options: HostAgentOptions) {
    this.#options = options;
  }

  /** Why nobody can rely on the Node; none while it says what was last seen. */
  obstacles(): readonly string[] {
    if (this.#problem !== undefined) return [this.#problem];
    return this.#isSaid ? [] : ['nothing was said in the Node yet'];
  }

  /** Looks once, and writes what is not said yet. @throws AppError CLUSTER_UNREACHABLE; USAGE when the host cannot be looked at so */
  async look(): Promise<HostVerdict> {
    const verdict = await this.#judge();
    await this.#say(verdict);
    return verdict;
  }

  /** Looks again and again until `signal` aborts, whatever the API server does. What the Node says stays. @throws AppError USAGE */
  async run({ intervalMs, firstRetryMs }: AgentPace, signal: AbortSignal): Promise<void> {
    const backOff = new BackOff({ firstMs: firstRetryMs, mostMs: intervalMs });
    while (!signal.aborted) {
      const verdict = await this.#judge();
      this.#tell(verdict);
      const problem = await this.#say(verdict).then(() => undefined, describeError);
      if (signal.aborted) break;
      if (problem === undefined) backOff.reset();
      this.#tellProblem(problem);
      await sleep(problem === undefined ? intervalMs : backOff.next(), undefined, { signal }).catch(() => undefined);
    }
    this.#options.logger.info(`stopped; what Node ${quote(this.#options.node)} says of its host stays`);
  }

  async #judge(): Promise<HostVerdict> {
    const verdict = await this.#options.judge().catch((thrown: unknown) => {
      // Flags that are wrong stay wrong.
      if (thrown instanceof AppError && thrown.code === 'USAGE') throw thrown;
      return unjudged(thrown);
    });
    this.#options.metrics.verdict(verdict.status);
    return verdict;
  }

  async #say(verdict: HostVerdict): Promise<void> {
    const { node, send, metrics, now } = this.#options;
    const path = `/api/v1/nodes/${encodeURIComponent(node)}`;
    const read = await send('GET', path);
    if (read.status !== 200 || !isObject(read.body)) throw refusal(read, { verb: 'get', plural: 'nodes', node });
    const patch = patchFor(read.body, verdict, now());
    if (patch !== undefined) {
      const written = await send('PATCH', `${path}/status`, patch).catch((thrown: unknown) => {
        metrics.write('failed');
        throw thrown;
      });
      metrics.write(written.status === 200 ? 'written' : 'failed');
      if (written.status !== 200) throw refusal(written, { verb: 'patch', plural: 'nodes/status', node });
    }
    this.#isSaid = true;
  }

  #tell({ status, reason, message }: HostVerdict): void {
    const said = `${status} ${reason}`;
    if (said === this.#said) return;
    this.#said = said;
    const { logger, node } = this.#options;
    const line = `Node ${quote(node)}: ${HOST_CONDITION} is ${status}, ${reason}: ${message}`;
    if (status === 'True') logger.info(line);
    else logger.warn(line);
  }

  #tellProblem(problem: string | undefined): void {
    const { logger } = this.#options;
    if (problem === this.#problem) return;
    if (problem !== undefined) logger.warn(`${problem}; another attempt follows`);
    else logger.info('the API server is written to again');
    this.#problem = problem;
  }
}

interface Asked {
  readonly verb: string;
  readonly plural: string;
  readonly node: string;
}

function refusal({ status, body }: Answer, { verb, plural, node }: Asked): AppError {
  const said = isObject(body) && typeof body['message'] === 'string' ? `: ${body['message']}` : '';
  const fail = (message: string, hint: string): AppError => new AppError('CLUSTER_UNREACHABLE', message, { hint });
  if (status === 404) return fail(`the cluster has no Node ${quote(node)}`, 'name one of `kubectl get nodes`, with --node');
  if (status === 403)
    return fail(
      `the agent may not ${verb} ${plural} of Node ${quote(node)}${said}`,
      'deploy/components/host-agent has the role that it needs',
    );
  // What an admission policy refuses it refuses again.
  const hint =
    status === 422
      ? 'an agent may write the Node that it runs on, and no other: look at --node, and at what is refused'
      : 'try again when the API server is well';
  return fail(`the API server answers ${verb} of ${plural} with ${status}${said}`, hint);
}
