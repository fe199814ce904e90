import { quote } from '../core/json.ts';
import { nearest } from '../core/nearest.ts';
import { pciAddressIn } from '../core/pci-address.ts';
import type { Violation } from '../engine/finding.ts';
import { defineRule } from '../engine/rule.ts';
import type { Host } from '../kube/host.ts';
import { isUnread } from '../kube/host-fact.ts';
import type { OvsConfiguration, OvsInterface } from '../kube/host-ovs.ts';
import { obstacleOf } from './dpdk-device.ts';
import { isDpdkPort, liveConfiguration, livePorts } from './live-ovs.ts';

export const requireOpenedPort = defineRule({
  meta: {
    id: 'VHG518',
    name: 'require-opened-port',
    title: 'Require ports that OVS can open on each netdev bridge',
    why: `The database takes a port with any type and any \`dpdk-devargs\`, and \`ovs-vsctl\` ends with 0. A NIC that DPDK cannot attach, one without
\`dpdk-devargs\` or a misspelt type leaves a port that is listed and does nothing: only its \`error\` says so, and its \`ofport\` is -1. Where
it is the host's way out, no VM there reaches the network.`,
    remedy: `Do what the message says, and look at \`ovs-vsctl get Interface PORT error\` again. A NIC that is bound to its driver later is opened after
\`ovs-vsctl del-port PORT\` and, in a second command, \`ovs-vsctl add-port\`.`,
    severity: 'error',
    targets: ['host'],
    needs: [],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://docs.openvswitch.org/en/latest/topics/dpdk/phy/',
      'https://www.openvswitch.org/support/dist-docs/ovs-vswitchd.conf.db.5.html',
    ],
    falsePositives: 'A port that some other program left behind when its device went is not missed, and only a warning.',
    example: {
      file: 'host-snapshot.yaml',
      good: '        status: { driver_name: net_i40e, numa_id: "0" }\n        mtu: 1500\n',
      bad: '        status: {}\n        error: "Error attaching device \'0000:18:00.0\' to DPDK"\n        ofport: -1\n',
    },
  },
  *check(host) {
    const ports = livePorts(host);
    if (isUnread(ports)) return yield ports;
    const unopened = ports.value.filter((port) => port.isUnopened);
    if (unopened.length === 0) return;
    const { bridges } = host.ovs;
    if (isUnread(bridges)) return yield bridges;
    const configuration = liveConfiguration(host);
    if (isUnread(configuration)) return yield configuration;
    const netdev = new Set(bridges.value.filter(({ datapathType }) => datapathType === 'netdev').map(({ name }) => name));
    for (const port of unopened)
      if (port.bridge !== undefined && netdev.has(port.bridge) && !isExplained(port, configuration.value, host))
        yield judge(port, configuration.value);
  },
});

/** True for a port of which another rule says why it is not open: VHG526 of servers, VHG511 of DPDK, VHG503 of the NIC. */
function isExplained(port: OvsInterface, { isDpdkInitialized }: OvsConfiguration, { pciDevices }: Host): boolean {
  if (port.type === 'dpdkvhostuser' || (isDpdkPort(port) && !isDpdkInitialized)) return true;
  if (port.type !== 'dpdk' || isUnread(pciDevices)) return false;
  const named = pciAddressIn(devargsOf(port));
  const device = pciDevices.value.find(({ address, isForDpdk }) => isForDpdk && address === named);
  return device !== undefined && obstacleOf(device) !== undefined;
}

function devargsOf({ options }: OvsInterface): string {
  return options.get('dpdk-devargs') ?? '';
}

function judge(port: OvsInterface, { interfaceTypes }: OvsConfiguration): Violation {
  const { field, name, type, error } = port;
  if (!isUnread(interfaceTypes) && type !== '' && !interfaceTypes.value.includes(type)) {
    const meant = nearest(type, interfaceTypes.value);
    const step = meant === undefined ? 'set one that it knows, such as "dpdkvhostuserclient"' : `set ${quote(meant)}`;
    return {
      path: field.get('type').path,
      message: `port ${quote(name)} has the type ${quote(type)}, which this OVS does not know: ${step}`,
    };
  }
  if (type === 'dpdk' && devargsOf(port) === '') {
    const message = `port ${quote(name)} names no NIC, so OVS does not open it: set options:dpdk-devargs to the NIC's PCI address`;
    return { path: field.get('options').get('dpdk-devargs').path, message };
  }
  const because = error === undefined ? '' : ` (${quote(error)})`;
  const step = isDpdkPort(port) ? 'look for EAL and netdev_dpdk in ovs-vswitchd.log' : 'correct its options, or remove the port';
  const message = `OVS could not open port ${quote(name)}${because}: ${step}`;
  return { path: field.get('error').path, message, ...(isDpdkPort(port) ? {} : { severity: 'warning' }) };
}
