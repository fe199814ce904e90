import { createHealthServer } from '../admission/http.ts';
import { close, formatAddress, listen } from '../admission/listener.ts';
import { openKubeconfig } from '../cluster/kubeconfig.ts';
import { createSend, type Send, sendUntil } from '../cluster/writes.ts';
import type { CertificateStore } from '../controller/certificate-store.ts';
import { createDirectoryStore } from '../controller/directory-store.ts';
import { createOwnerLookup } from '../controller/owner.ts';
import { createSecretStore } from '../controller/secret-store.ts';
import { startUpkeep, type Upkeep, type UpkeepOptions } from '../controller/upkeep.ts';
import { AppError } from '../core/errors.ts';
import { RULES } from '../rules/index.ts';
import { createControllerMetrics } from '../telemetry/controller-metrics.ts';
import { createLineBuffer } from '../telemetry/line-buffer.ts';
import { createLogger } from '../telemetry/logger.ts';
import { createScanMetrics } from '../telemetry/scan-metrics.ts';
import { parseAddress } from './address.ts';
import { type ControllerFlags, type ControllerScope, scopeOf } from './controller-flags.ts';
import { type ClusterScan, startClusterScan } from './controller-scan.ts';
import { followSettings } from './follow-settings.ts';
import type { CommandIo } from './io.ts';
import { VERSION } from './version.ts';

/** Longest wait for an answer of the API server, in milliseconds. */
const API_TIMEOUT_MS = 15_000;

/**
 * Keeps certificates and webhook configurations until SIGTERM or SIGINT. Webhooks at a URL are unregistered then: whoever serves them
 * stops too. Those of a Service stay: the next controller takes over.
 *
 * @throws AppError USAGE, CONFIG_INVALID, CLUSTER_UNREACHABLE or LISTEN_FAILED when it cannot begin; CLUSTER_UNREACHABLE when it cannot
 * remove what it registered.
 */
export async function controller(flags: ControllerFlags, io: CommandIo): Promise<void> {
  const scope = scopeOf(flags);
  const healthListen = parseAddress(flags.healthListen, '--health-listen');
  let scan: ClusterScan | undefined;
  const settings = await followSettings(flags.config, io, () => scan?.refresh());
  const access = openKubeconfig({ kubeconfig: flags.kubeconfig, isInCluster: flags.inCluster, timeoutMs: API_TIMEOUT_MS });
  const send = createSend(access, API_TIMEOUT_MS);
  const stopping = new AbortController();
  const log = createLineBuffer(io.stderr);
  const logger = createLogger(flags.logLevel, log);
  const metrics = createControllerMetrics(VERSION);
  let upkeep: Upkeep | undefined;
  const health = createHealthServer({
    unreadiness: () => upkeep?.unreadiness() ?? ['the controller is starting'],
    metrics: () => metrics.render(),
  });
  const address = await listen(health, healthListen);
  // Before the word that it runs: whoever reads it may stop it at once.
  const signalled = untilSignal(io);
  io.stdout.write(describe(scope, flags, formatAddress(address)));
  upkeep = startUpkeep({ ...upkeepOf(flags, scope, sendUntil(stopping.signal, send)), send, settings: settings.current, logger, metrics });
  scan = startClusterScan({
    kubeconfig: flags.kubeconfig,
    isInCluster: flags.inCluster,
    timeoutMs: API_TIMEOUT_MS,
    send,
    settings: settings.current,
    logger,
    metrics: createScanMetrics(metrics.registry),
    now: io.now,
  });
  await signalled;
  stopping.abort();
  settings.stop();
  // Side by side: nothing that the scan waits for may keep webhooks registered that nobody serves.
  const [left] = await Promise.all([scope.target.at === 'url' ? upkeep.remove() : upkeep.stop(), scan.stop()]);
  await close(health, 0);
  log.flush();
  if (left !== undefined && left.length > 0) throw notRemoved(left);
}

type FixedOptions = Pick<UpkeepOptions, 'target' | 'registeredBy' | 'certificates' | 'annotations' | 'owners' | 'rules' | 'now'>;

function upkeepOf(flags: ControllerFlags, { target, hosts, registeredBy }: ControllerScope, send: Send): FixedOptions {
  const { injectCaFrom, ownerClusterRole } = flags;
  return {
    target,
    registeredBy,
    certificates: injectCaFrom === undefined ? { store: storeOf(flags, send), hosts } : undefined,
    ...(injectCaFrom !== undefined && { annotations: { 'cert-manager.io/inject-ca-from': injectCaFrom } }),
    ...(ownerClusterRole !== undefined && { owners: createOwnerLookup(send, ownerClusterRole) }),
    rules: RULES.map(({ meta }) => meta),
    now: Date.now,
  };
}

function storeOf({ webhookUrl, namespace = '', certsDir }: ControllerFlags, send: Send): CertificateStore {
  return webhookUrl === undefined ? createSecretStore(send, namespace) : createDirectoryStore(certsDir);
}

/** The listener stays to the end: a second signal must not turn a clean exit into a kill. */
function untilSignal(io: CommandIo): Promise<void> {
  return new Promise((resolve) => io.onSignal(() => resolve()));
}

function describe({ target }: ControllerScope, { certsDir }: ControllerFlags, health: string): string {
  const webhooks = target.at === 'url' ? `${target.url}, certificates in ${certsDir}` : `the Service ${target.namespace}/${target.name}`;
  const end = target.at === 'url' ? 'removed again with Ctrl-C' : 'which stay when this controller stops';
  return `registers the webhooks of ${webhooks}, ${end}\nhealth    http://${health}/healthz, /readyz and /metrics\n`;
}

function notRemoved(reasons: readonly string[]): AppError {
  return new AppError('CLUSTER_UNREACHABLE', `webhook configurations are still registered: ${reasons.join('; ')}`, {
    hint: 'while no webhook serves, VMs with a vhost-user NIC are refused: kubectl delete mutatingwebhookconfiguration,validatingwebhookconfiguration vhostguard',
  });
}
