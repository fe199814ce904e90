import { AppError } from '../core/errors.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import { readManifests } from '../manifest/read.ts';
import type { HostRoot } from './host-root.ts';
import type { CpuManagerState, KubeletConfiguration, KubeletFacts } from './host-snapshot.ts';
import { isKnown, known } from './known.ts';
import { type KubeletCommand, readKubeletCommand } from './kubelet-flags.ts';
import type { Processes } from './processes.ts';
import { cpusIn } from './read-cpus.ts';

/** kubeadm's, and OpenShift's: looked for where no kubelet is to be seen that says where its own is. */
const CONFIGURATIONS = ['/var/lib/kubelet/config.yaml', '/etc/kubernetes/kubelet.conf'];
const ROOT_DIRECTORY = '/var/lib/kubelet';

/** What the kubelet says of CPUs: in its configuration file, in what is dropped in beside it, and on its command line, which goes before both. */
export function readKubelet(root: HostRoot, processes: Processes): KubeletFacts {
  const command = known(() => readKubeletCommand(root, processes));
  if (!isKnown(command)) return { configuration: command, cpuManagerState: command };
  return {
    configuration: known(() => readConfiguration(root, command)),
    cpuManagerState: known(() => readState(root, `${command?.flags.get('root-dir') ?? ROOT_DIRECTORY}/cpu_manager_state`)),
  };
}

/** @throws AppError INPUT_UNREADABLE when nothing says how the kubelet is configured */
function readConfiguration(root: HostRoot, command: KubeletCommand | undefined): KubeletConfiguration {
  const written = command === undefined ? findConfiguration(root) : configurationOf(root, command);
  if (written === undefined) throw new AppError('INPUT_UNREADABLE', `no KubeletConfiguration in ${CONFIGURATIONS.join(' or ')}`);
  const { path, configuration } = written;
  const flags = command?.flags ?? new Map<string, string>();
  const cpuManagerPolicy = flags.get('cpu-manager-policy') ?? textIn(configuration, 'cpuManagerPolicy');
  const topologyManagerPolicy = flags.get('topology-manager-policy') ?? textIn(configuration, 'topologyManagerPolicy');
  const reserved = flags.get('reserved-cpus') ?? textIn(configuration, 'reservedSystemCPUs');
  return {
    path,
    ...(cpuManagerPolicy === undefined ? {} : { cpuManagerPolicy }),
    ...(topologyManagerPolicy === undefined ? {} : { topologyManagerPolicy }),
    ...(reserved === undefined ? {} : { reservedSystemCpus: cpusIn(reserved, flags.has('reserved-cpus') ? '--reserved-cpus' : path) }),
    isReservationStrict: isStrict(flags.get('cpu-manager-policy-options'), configuration['cpuManagerPolicyOptions']),
  };
}

interface Written {
  readonly path: string;
  readonly configuration: JsonObject;
}

function findConfiguration(root: HostRoot): Written | undefined {
  for (const path of CONFIGURATIONS) {
    const configuration = documentIn(root.textIfAny(path) ?? '', path);
    if (configuration !== undefined) return { path, configuration };
  }
  return undefined;
}

/** What the running kubelet has read: without `--config`, no file. What is dropped in goes before what is there, member by member. */
function configurationOf(root: HostRoot, { pid, flags }: KubeletCommand): Written {
  const path = flags.get('config');
  const base = path === undefined ? {} : documentIn(root.text(path), path);
  if (base === undefined) throw new AppError('INPUT_UNREADABLE', `no KubeletConfiguration in ${path}`);
  const directory = flags.get('config-dir');
  const names = directory === undefined ? [] : root.namesIfAny(directory).filter((name) => name.endsWith('.conf'));
  const dropped = names.map((name) => documentIn(root.text(`${directory}/${name}`), `${directory}/${name}`) ?? {});
  return { path: path ?? `/proc/${pid}/cmdline`, configuration: Object.assign({}, base, ...dropped) };
}

function documentIn(text: string, path: string): JsonObject | undefined {
  return readManifests(text, path).manifests.find(({ object }) => object['kind'] === 'KubeletConfiguration')?.object;
}

/** The flag's options stand in one word: `full-pcpus-only=true,strict-cpu-reservation=true`. */
function isStrict(flag: string | undefined, options: unknown): boolean {
  if (flag !== undefined) return flag.split(',').includes('strict-cpu-reservation=true');
  return isObject(options) && options['strict-cpu-reservation'] === 'true';
}

function readState(root: HostRoot, path: string): CpuManagerState {
  const state = parseObject(root.text(path), path);
  const entries = isObject(state['entries']) ? state['entries'] : {};
  const cpusOf = (value: unknown): number[] => (typeof value === 'string' && value !== '' ? cpusIn(value, path) : []);
  return {
    path,
    policy: textIn(state, 'policyName') ?? '',
    defaultCpus: cpusOf(state['defaultCpuSet']),
    assigned: Object.entries(entries).flatMap(([pod, containers]) =>
      Object.entries(isObject(containers) ? containers : {}).map(([container, cpus]) => ({ pod, container, cpus: cpusOf(cpus) })),
    ),
  };
}

function textIn(object: JsonObject, key: string): string | undefined {
  const value = object[key];
  // A single CPU is a number to YAML.
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function parseObject(text: string, path: string): JsonObject {
  const { manifests, errors } = readManifests(text, path);
  const [manifest] = manifests;
  if (manifest === undefined) throw new AppError('INPUT_SYNTAX', `${path}: ${errors[0]?.message ?? 'it is empty'}`);
  return manifest.object;
}
