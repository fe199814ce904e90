import { close, formatAddress, listen } from '../admission/listener.ts';
import { openKubeconfig } from '../cluster/kubeconfig.ts';
import { createSend, sendUntil } from '../cluster/writes.ts';
import { type JsonObject, quote } from '../core/json.ts';
import type { Settings } from '../core/settings.ts';
import { subjectOf } from '../core/subject.ts';
import { createEngine } from '../engine/engine.ts';
import { HostAgent } from '../host-agent/agent.ts';
import { type HostVerdict, verdictOf } from '../host-agent/verdict.ts';
import { HOST_CONDITION } from '../kube/host-fault.ts';
import { MemoryInventory } from '../kube/memory-inventory.ts';
import { RULES } from '../rules/index.ts';
import { createHostMetrics, type HostMetrics } from '../telemetry/host-metrics.ts';
import { createLineBuffer } from '../telemetry/line-buffer.ts';
import type { LogLevel } from '../telemetry/log-level.ts';
import { createLogger } from '../telemetry/logger.ts';
import { parseAddress } from './address.ts';
import { dayOf } from './configuration.ts';
import { followSettings } from './follow-settings.ts';
import { type HostFlags, snapshotOf } from './host-snapshot.ts';
import type { CommandIo, ExitCode } from './io.ts';
import { VERSION } from './version.ts';

/** The flags of `vhostguard host agent`. */
export interface HostAgentFlags extends Omit<HostFlags, 'name'> {
  readonly node: string;
  readonly kubeconfig?: string;
  readonly inCluster?: true;
  /** Milliseconds. */
  readonly interval: number;
  readonly once?: true;
  readonly config?: string;
  readonly healthListen?: string;
  readonly logLevel: LogLevel;
}

/** Longest wait for an answer of the API server, in milliseconds. */
const API_TIMEOUT_MS = 15_000;

/** The first wait after a failure, in milliseconds. */
const FIRST_RETRY_MS = 1000;

/**
 * `vhostguard host agent`: says in a Node what `host check` says of its host, until SIGTERM or SIGINT. What the Node says stays then:
 * it is believed for a quarter of an hour, which is longer than an agent takes to be replaced.
 *
 * @throws AppError USAGE, CONFIG_INVALID, CLUSTER_UNREACHABLE or LISTEN_FAILED when it cannot begin; with `--once` also
 * CLUSTER_UNREACHABLE when the Node could not be written
 */
export async function hostAgent(flags: HostAgentFlags, io: CommandIo): Promise<ExitCode> {
  const settings = await followSettings(flags.config, io);
  const stopping = new AbortController();
  const access = openKubeconfig({ kubeconfig: flags.kubeconfig, isInCluster: flags.inCluster, timeoutMs: API_TIMEOUT_MS });
  const log = createLineBuffer(io.stderr);
  const metrics = createHostMetrics(VERSION);
  const agent = new HostAgent({
    node: flags.node,
    send: sendUntil(stopping.signal, createSend(access, API_TIMEOUT_MS)),
    judge: () => judge(flags, settings.current(), io),
    logger: createLogger(flags.logLevel, log),
    metrics,
    now: () => io.now().getTime(),
  });
  try {
    if (flags.once) await lookOnce(agent, flags.node, io);
    else await keepLooking(agent, { flags, metrics, stopping }, io);
    return 0;
  } finally {
    settings.stop();
    log.flush();
  }
}

async function judge(flags: HostAgentFlags, settings: Settings, io: CommandIo): Promise<HostVerdict> {
  const snapshot = await snapshotOf({ ...flags, name: flags.node }, io);
  const inventory = new MemoryInventory({ isComplete: false, description: 'this host', defaultNamespace: '' });
  const engine = createEngine({ rules: RULES, inventory, settings, today: dayOf(io.now()) });
  // As it would be read from a file: without members that are undefined.
  const object = JSON.parse(JSON.stringify(snapshot)) as JsonObject;
  return verdictOf(engine.judgeAsWritten(subjectOf(object, '')));
}

async function lookOnce(agent: HostAgent, node: string, io: CommandIo): Promise<void> {
  const { status, reason, message } = await agent.look();
  io.stdout.write(`Node ${quote(node)}: ${HOST_CONDITION} is ${status}, ${reason}: ${message}\n`);
}

interface Looking {
  readonly flags: HostAgentFlags;
  readonly metrics: HostMetrics;
  readonly stopping: AbortController;
}

async function keepLooking(agent: HostAgent, { flags, metrics, stopping }: Looking, io: CommandIo): Promise<void> {
  const { healthListen, interval, node } = flags;
  const health = healthListen === undefined ? undefined : await startHealth(healthListen, agent, metrics);
  // Before the word that it looks: whoever reads it may stop it at once.
  io.onSignal(() => stopping.abort());
  io.stdout.write(`looks at this host every ${interval / 1000} s, and says in Node ${quote(node)} what it finds\n`);
  if (health !== undefined) io.stdout.write(`health    http://${health.address}/healthz, /readyz and /metrics\n`);
  try {
    await agent.run({ intervalMs: interval, firstRetryMs: FIRST_RETRY_MS }, stopping.signal);
  } finally {
    // A server that still listens would keep alive, and well for its probes, a program that looks no more.
    await health?.stop();
  }
}

async function startHealth(text: string, agent: HostAgent, metrics: HostMetrics) {
  const address = parseAddress(text, '--health-listen');
  const { createHealthServer } = await import('../admission/http.ts');
  const server = createHealthServer({ unreadiness: () => agent.obstacles(), metrics: () => metrics.render() });
  return { address: formatAddress(await listen(server, address)), stop: () => close(server, 0) };
}
