import { quote } from '../core/json.ts';
import { defineRule } from '../engine/rule.ts';
import { canTakeMember, isMisshapen, ovsHostOf } from './ovs-host.ts';

export const requireSocketGroup = defineRule({
  meta: {
    id: 'VHG209',
    name: 'require-socket-group',
    title: 'Require the group of the socket directory',
    why: `QEMU makes the socket, and connecting to it needs write permission. An OVS that runs as \`openvswitch:hugetlbfs\`, as the RPM
packages do, has it only through the group. With an emptyDir, whose directory passes its group on to new files, \`host.vhost.group\` is what
gives the socket that group; a supplementary group of the pod does not. OVS then logs "Permission denied" once and shows nothing in OVSDB.`,
    remedy: 'Set `host.vhost.group` to the group of the OVS process (setting `group.name`); it must exist on every node.',
    severity: 'warning',
    targets: ['network'],
    needs: [],
    fix: 'unsafe',
    since: '0.1.0',
    sources: [
      'https://github.com/intel/userspace-cni-network-plugin/blob/master/cniovs/cniovs.go',
      'https://github.com/openvswitch/ovs/blob/main/rhel/openvswitch-fedora.spec.in',
    ],
    falsePositives: 'An OVS that runs as root (setting `ovs.runsAs`), or a hostPath directory with the setgid bit, needs no group here.',
    example: {
      file: 'network-default.yaml',
      good: '        "vhost": { "mode": "client", "group": "hugetlbfs" },\n',
      bad: '        "vhost": { "mode": "client" },\n',
    },
  },
  *check(network, { settings: { group, ovs } }) {
    const vhost = ovsHostOf(network)?.getFold('vhost');
    if (vhost === undefined || isMisshapen(vhost) || ovs.runsAs === 'root') return;
    const field = vhost.getFold('group');
    if (field.string() || (field.isSet && field.value !== '')) return;
    const change = `set host.vhost.group to ${quote(group.name)}`;
    const violation = { path: field.path, message: `an OVS that does not run as root cannot connect to the sockets: ${change}` };
    if (!canTakeMember(vhost)) yield violation;
    else yield { ...violation, fix: { title: change, safety: 'unsafe', edits: [{ op: 'set', path: field.path, value: group.name }] } };
  },
});
