import { isObject, type JsonObject } from '../core/json.ts';
import { keepNetworkConfig } from './network-config.ts';

/** What is kept of a value: all of it, what a function makes of it, or these members. `*` stands for every member without a name here. */
type Kept = true | ((value: unknown) => unknown) | { readonly [key: string]: Kept };

const NAME = { metadata: { name: true, namespace: true } } as const;

/** VHG106 asks which kind of protection is on; the rest are launch secrets. */
const INSTANCETYPE: Kept = {
  annotations: { 'kubevirt.io/memfd': true },
  cpu: { guest: true, dedicatedCPUPlacement: true, isolateEmulatorThread: true, numa: { guestMappingPassthrough: true } },
  launchSecurity: { '*': {} },
  memory: { guest: true, hugepages: { pageSize: true } },
  nodeSelector: true,
};

const PREFERENCE: Kept = {
  devices: { preferredInterfaceModel: true },
  machine: { preferredMachineType: true },
};

const BINDING: Kept = { domainAttachmentType: true, migration: { method: true }, sidecarImage: true };

const POD_SECURITY = 'pod-security.kubernetes.io';

/** The fields that rules read of what they look up, by kind. A rule that reads another has to add it here, and a test says so. */
const KEPT_FIELDS: Readonly<Record<string, { readonly [key: string]: Kept }>> = {
  NetworkAttachmentDefinition: { ...NAME, spec: { config: keepNetworkConfig } },
  KubeVirt: {
    metadata: { ...NAME.metadata, annotations: { 'alpha.kubevirt.io/EmulatorThreadCompleteToEvenParity': true } },
    spec: {
      configuration: {
        developerConfiguration: { featureGates: true },
        evictionStrategy: true,
        network: { binding: { '*': BINDING } },
      },
    },
  },
  VirtualMachineInstancetype: { ...NAME, spec: INSTANCETYPE },
  VirtualMachineClusterInstancetype: { ...NAME, spec: INSTANCETYPE },
  VirtualMachinePreference: { ...NAME, spec: PREFERENCE },
  VirtualMachineClusterPreference: { ...NAME, spec: PREFERENCE },
  ControllerRevision: { ...NAME, data: { spec: { ...INSTANCETYPE, ...PREFERENCE } } },
  Node: {
    metadata: { name: true, labels: true, annotations: keepHostAnnotation },
    spec: { unschedulable: true },
    status: { allocatable: true, conditions: keepHostCondition },
  },
  Namespace: {
    metadata: {
      name: true,
      labels: { [`${POD_SECURITY}/enforce`]: true, [`${POD_SECURITY}/enforce-version`]: true },
    },
  },
};

/** Where the host agent names the rules that fail on a node. */
const HOST_ANNOTATION = 'vhostguard.dev/host';

function keepHostAnnotation(annotations: unknown): unknown {
  const isThere = isObject(annotations) && Object.hasOwn(annotations, HOST_ANNOTATION);
  return isThere ? { [HOST_ANNOTATION]: annotations[HOST_ANNOTATION] } : undefined;
}

/** What the host agent says of a node, without the words for people and the times, so that snapshots can be compared. */
function keepHostCondition(conditions: unknown): unknown {
  if (!Array.isArray(conditions)) return undefined;
  const ours = conditions.filter(isObject).filter(({ type }) => type === 'VhostUserReady');
  return ours.length === 0 ? undefined : ours.map(({ type, status, reason }) => ({ type, status, reason }));
}

/** A copy with the fields that rules read, and no other; `undefined` for a kind that they do not look up. */
export function keepReadFields(object: JsonObject): JsonObject | undefined {
  const kind = String(object['kind']);
  const kept = Object.hasOwn(KEPT_FIELDS, kind) ? KEPT_FIELDS[kind] : undefined;
  return kept && keepMembers(object, { ...kept, apiVersion: true, kind: true });
}

function keepMembers(object: JsonObject, kept: { readonly [key: string]: Kept }): JsonObject {
  const members = Object.entries(object).flatMap(([key, value]) => {
    const named = Object.hasOwn(kept, key) ? kept[key] : kept['*'];
    const part = named === undefined ? undefined : keep(value, named);
    return part === undefined ? [] : [[key, part]];
  });
  return Object.fromEntries(members);
}

function keep(value: unknown, kept: Kept): unknown {
  if (kept === true) return value;
  if (typeof kept === 'function') return kept(value);
  // Of the wrong type, but not absent.
  return isObject(value) ? keepMembers(value, kept) : null;
}
