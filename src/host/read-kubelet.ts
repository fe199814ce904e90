import { AppError } from '../core/errors.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import { readManifests } from '../manifest/read.ts';
import type { HostRoot } from './host-root.ts';
import type { CpuManagerState, KubeletConfiguration, KubeletFacts } from './host-snapshot.ts';
import { known } from './known.ts';
import { cpusIn } from './read-cpus.ts';

/** kubeadm's, and OpenShift's. */
const CONFIGURATIONS = ['/var/lib/kubelet/config.yaml', '/etc/kubernetes/kubelet.conf'];
const STATE = '/var/lib/kubelet/cpu_manager_state';

/** What the kubelet says of CPUs. Its command line can say more, and is not read. */
export function readKubelet(root: HostRoot): KubeletFacts {
  return { configuration: known(() => readConfiguration(root)), cpuManagerState: known(() => readState(root)) };
}

function readConfiguration(root: HostRoot): KubeletConfiguration {
  for (const path of CONFIGURATIONS) {
    const text = root.textIfAny(path);
    const { manifests } = readManifests(text ?? '', path);
    const configuration = manifests.find(({ object }) => object['kind'] === 'KubeletConfiguration')?.object;
    if (configuration !== undefined) return configurationOf(configuration, path);
  }
  throw new AppError('INPUT_UNREADABLE', `no KubeletConfiguration in ${CONFIGURATIONS.join(' or ')}`);
}

function configurationOf(configuration: JsonObject, path: string): KubeletConfiguration {
  const reserved = textIn(configuration, 'reservedSystemCPUs');
  const cpuManagerPolicy = textIn(configuration, 'cpuManagerPolicy');
  const topologyManagerPolicy = textIn(configuration, 'topologyManagerPolicy');
  const policyOptions = configuration['cpuManagerPolicyOptions'];
  return {
    path,
    ...(cpuManagerPolicy === undefined ? {} : { cpuManagerPolicy }),
    ...(topologyManagerPolicy === undefined ? {} : { topologyManagerPolicy }),
    ...(reserved === undefined ? {} : { reservedSystemCpus: cpusIn(reserved, path) }),
    isReservationStrict: isObject(policyOptions) && policyOptions['strict-cpu-reservation'] === 'true',
  };
}

function readState(root: HostRoot): CpuManagerState {
  const state = parseObject(root.text(STATE), STATE);
  const entries = isObject(state['entries']) ? state['entries'] : {};
  return {
    path: STATE,
    policy: textIn(state, 'policyName') ?? '',
    defaultCpus: cpusOf(state['defaultCpuSet']),
    assigned: Object.entries(entries).flatMap(([pod, containers]) =>
      Object.entries(isObject(containers) ? containers : {}).map(([container, cpus]) => ({ pod, container, cpus: cpusOf(cpus) })),
    ),
  };
}

function cpusOf(value: unknown): number[] {
  return typeof value === 'string' && value !== '' ? cpusIn(value, STATE) : [];
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
