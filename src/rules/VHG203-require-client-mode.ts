import type { Field } from '../core/field.ts';
import { quote } from '../core/json.ts';
import type { Violation } from '../engine/finding.ts';
import { defineRule } from '../engine/rule.ts';
import { canTakeMember, isMisshapen, ovsHostOf } from './ovs-host.ts';

export const requireClientMode = defineRule({
  meta: {
    id: 'VHG203',
    name: 'require-client-mode',
    title: 'Require OVS to be the client of the socket and QEMU its server',
    why: `With any \`host.vhost.mode\` but exactly \`client\` the CNI makes a port of type \`dpdkvhostuser\`, deprecated since OVS 2.8: OVS
owns the socket, so a restart of OVS cuts off every VM until that VM is restarted, and moving the socket into the pod's directory fails
across file systems. As a client OVS connects again by itself. Nothing checks that the two halves differ: two clients, or two servers,
wait for each other for ever.`,
    remedy: 'Set `host.vhost.mode` to `client`, and `container.vhost.mode` to `server` or leave it out.',
    severity: 'error',
    targets: ['network'],
    needs: [],
    fix: 'unsafe',
    since: '0.1.0',
    sources: [
      'https://docs.openvswitch.org/en/latest/topics/dpdk/vhost-user/',
      'https://github.com/intel/userspace-cni-network-plugin/blob/master/cniovs/ovsctrl.go',
      'https://github.com/intel/userspace-cni-network-plugin/issues/63',
    ],
    falsePositives: 'A binding plugin written for server mode, with OVS never restarted under running VMs, passes packets.',
    example: {
      file: 'network-default.yaml',
      good: '        "vhost": { "mode": "client", "group": "hugetlbfs" },\n',
      bad: '        "vhost": { "mode": "server", "group": "hugetlbfs" },\n',
    },
  },
  *check(network) {
    const vhost = ovsHostOf(network)?.getFold('vhost');
    if (vhost === undefined) return;
    if (!isMisshapen(vhost) && vhost.getFold('mode').value !== 'client')
      yield requireMode(vhost, 'host', 'client', 'OVS must connect to the socket that QEMU makes');
    const other = network.userspace?.getFold('container').getFold('vhost');
    const mode = other?.getFold('mode');
    if (other !== undefined && mode?.isSet && mode.value !== '' && mode.value !== 'server')
      yield requireMode(other, 'container', 'server', 'QEMU must make the socket that OVS connects to');
  },
});

function requireMode(vhost: Field, half: string, value: string, reason: string): Violation {
  const mode = vhost.getFold('mode');
  const change = `set ${half}.vhost.mode to ${quote(value)}`;
  const violation = { path: mode.path, message: `${reason}: ${change}${mode.isSet ? ` (it is ${quote(mode.value)})` : ''}` };
  if (!canTakeMember(vhost)) return violation;
  return { ...violation, fix: { title: change, safety: 'unsafe', edits: [{ op: 'set', path: mode.path, value }] } };
}
