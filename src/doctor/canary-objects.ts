import type { JsonObject } from '../core/json.ts';
import type { Settings } from '../core/settings.ts';

const METADATA = { generateName: 'vhostguard-canary-', labels: { 'app.kubernetes.io/name': 'vhostguard-canary' } };

/** What canary networks are asked for: that there is none of that name must not refuse a canary which is there to be repaired. */
const NETWORK = 'vhostguard-canary';
const REASON = 'canary of vhostguard doctor';

/** A VMI with a vhost-user NIC, and neither hugepages nor dedicated CPUs. */
export function deniedCanary(settings: Settings): JsonObject {
  return vmi(settings, { cpu: { cores: 1 }, memory: { guest: '128Mi' } });
}

/** A VMI with a vhost-user NIC that lacks nothing but a node to run on, which is repaired. */
export function repairedCanary(settings: Settings): JsonObject {
  const domain = { cpu: { cores: 1, dedicatedCpuPlacement: true }, memory: { guest: '1Gi', hugepages: { pageSize: '1Gi' } } };
  const exempt = ['VHG108', 'VHG120', 'VHG122'].map((rule) => `${rule}=${REASON}`).join('; ');
  return vmi(settings, domain, { 'vhostguard.dev/exempt': exempt });
}

/** A VM on the pod network alone. */
export function plainCanary(): JsonObject {
  const devices = { interfaces: [{ name: 'default', masquerade: {} }] };
  const domain = { machine: { type: 'q35' }, memory: { guest: '128Mi' }, devices };
  const spec = { domain, networks: [{ name: 'default', pod: {} }] };
  return { apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachine', metadata: METADATA, spec: { runStrategy: 'Halted', template: { spec } } };
}

function vmi({ bindings }: Settings, domain: JsonObject, annotations: JsonObject = {}): JsonObject {
  const interfaces = [{ name: 'canary', model: 'virtio', binding: { name: bindings[0] ?? 'vhostuser' } }];
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstance',
    metadata: { ...METADATA, annotations },
    spec: {
      domain: { machine: { type: 'q35' }, ...domain, devices: { interfaces } },
      networks: [{ name: 'canary', multus: { networkName: NETWORK } }],
    },
  };
}
