import type { Field } from '../core/field.ts';
import { quote } from '../core/json.ts';
import type { Violation } from '../engine/finding.ts';
import { defineRule } from '../engine/rule.ts';

const ENGINES: readonly unknown[] = ['ovs-dpdk', 'vpp'];

export const requireSupportedBackend = defineRule({
  meta: {
    id: 'VHG202',
    name: 'require-supported-backend',
    title: 'Require a backend that the userspace CNI implements',
    why: `The CNI compares \`engine\`, \`iftype\` and \`netType\` with fixed words, in this letter case, and only when a pod starts. It
documents more words than it implements: \`netType\` \`interface\` and \`none\` are refused for OVS-DPDK, and vhost-user for VPP. It finds out
after it has added the port to OVS and does not take it back, so every failed start leaves a port behind.`,
    remedy:
      'In `host`, set `engine` to `ovs-dpdk`, `iftype` to `vhostuser` and `netType` to `bridge`; in `container`, set the same engine or none.',
    severity: 'error',
    targets: ['network'],
    needs: [],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://github.com/intel/userspace-cni-network-plugin/blob/master/cniovs/cniovs.go',
      'https://github.com/intel/userspace-cni-network-plugin/blob/master/cnivpp/cnivpp.go',
    ],
    falsePositives: 'Forks of the CNI, such as fivetime/userspace-cni, implement vhost-user for VPP too.',
    example: {
      file: 'network-default.yaml',
      good: '        "netType": "bridge",\n',
      bad: '        "netType": "none",\n',
    },
  },
  *check({ userspace }) {
    if (userspace === undefined) return;
    yield* checkHost(userspace.getFold('host'));
    const engine = userspace.getFold('container').getFold('engine');
    const name = engine.string() || undefined;
    if (name !== undefined && !ENGINES.includes(name)) yield unknownEngine(engine, 'container');
  },
});

/**
 * | engine | iftype | netType | the CNI |
 * |---|---|---|---|
 * | ovs-dpdk | vhostuser | bridge, none set | works |
 * | ovs-dpdk | vhostuser | any other | refuses, after adding the port |
 * | ovs-dpdk | any other | any | refuses |
 * | vpp | memif | any | is not judged: no vhost-user |
 * | vpp | any other | any | refuses |
 * | any other | any | any | refuses |
 */
function* checkHost(host: Field): Iterable<Violation> {
  const [engine, iftype, netType] = [host.getFold('engine'), host.getFold('iftype'), host.getFold('netType')];
  // What is of the wrong type is VHG100's.
  if (host.isSet && host.object() === undefined) return;
  if ([engine, iftype, netType].some((field) => field.isSet && field.string() === undefined)) return;
  if (!ENGINES.includes(engine.value)) yield unknownEngine(engine, 'host');
  else if (engine.value === 'vpp')
    yield { path: engine.path, message: 'the userspace CNI has no vhost-user for VPP: set host.engine to "ovs-dpdk"' };
  else if (iftype.value !== 'vhostuser')
    yield { path: iftype.path, message: `host.iftype must be "vhostuser" with engine "ovs-dpdk"${butIs(iftype)}` };
  else if (netType.isSet && netType.value !== '' && netType.value !== 'bridge')
    yield { path: netType.path, message: `host.netType must be "bridge" with engine "ovs-dpdk"${butIs(netType)}` };
}

function unknownEngine(engine: Field, half: string): Violation {
  return { path: engine.path, message: `${half}.engine must be "ovs-dpdk"${butIs(engine)}` };
}

function butIs(field: Field): string {
  return field.isSet ? `, it is ${quote(field.value)}` : ', it is not set';
}
