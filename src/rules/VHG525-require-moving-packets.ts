import { quote } from '../core/json.ts';
import { defineRule } from '../engine/rule.ts';
import { isUnread } from '../kube/host-fact.ts';
import { CLIENT_PORT, livePorts } from './live-ovs.ts';

export const requireMovingPackets = defineRule({
  meta: {
    id: 'VHG525',
    name: 'require-moving-packets',
    title: 'Require packets on ports that are connected',
    why: `When a guest's memory is not shared (\`share=off\`), OVS maps a copy of it: the port shows \`connected\`, link up and no error, and not one
packet ever passes, because OVS and the guest look at different rings. Nothing logs it. The counters, which stay at 0 in both directions,
are all there is to see.`,
    remedy: `Give the guest shared memory: hugepages without \`kubevirt.io/memfd: "false"\` in KubeVirt (VHG106), \`<access mode='shared'/>\` in
libvirt, \`share=on\` in QEMU; then restart the VM.`,
    severity: 'warning',
    targets: ['host'],
    needs: [],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://docs.openvswitch.org/en/latest/topics/dpdk/vhost-user/',
      'https://www.qemu.org/docs/master/interop/vhost-user.html',
      'https://libvirt.org/formatdomain.html#memory-backing',
    ],
    falsePositives: 'A guest that has sent and received nothing at all since it started looks the same.',
    example: {
      file: 'host-snapshot.yaml',
      good: 'rxPackets: [77, 81], txPackets: [120, 124]',
      bad: 'rxPackets: [0, 0], txPackets: [0, 0]',
    },
  },
  *check(host) {
    const ports = livePorts(host);
    if (isUnread(ports)) return yield ports;
    for (const { field, name, type, status, mtu, traffic } of ports.value) {
      if (type !== CLIENT_PORT || status.get('status') !== 'connected' || (mtu ?? 0) === 0) continue;
      const { path } = field.get('traffic');
      if (traffic === undefined) yield { path, unknown: `the packets of port ${quote(name)} were not counted` };
      else if (traffic.rxPackets + traffic.txPackets === 0) {
        const message = `port ${quote(name)} is connected and has never passed a packet: the guest's memory must be shared (share=on)`;
        yield { path, message };
      }
    }
  },
});
