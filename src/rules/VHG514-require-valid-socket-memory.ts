import { quote } from '../core/json.ts';
import { defineRule } from '../engine/rule.ts';
import { isUnread } from '../kube/host-fact.ts';
import { socketMiB } from './socket-memory.ts';

export const requireValidSocketMemory = defineRule({
  meta: {
    id: 'VHG514',
    name: 'require-valid-socket-memory',
    title: 'Require socket memory in MiB for NUMA nodes that exist',
    why: `\`dpdk-socket-mem\` and \`dpdk-socket-limit\` are lists of MiB, one for each NUMA node. DPDK aborts ovs-vswitchd over a unit, a word, or
memory on a node that the host does not have, such as the how-to's \`1024,1024\` on a host of one node. The database takes any text, and
what is set while OVS runs counts from its next start: the abort comes with the next reboot.`,
    remedy: '`ovs-vsctl set Open_vSwitch . other_config:dpdk-socket-mem=1024,1024`, with one number for each NUMA node, then restart OVS.',
    severity: 'error',
    targets: ['host'],
    needs: [],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://docs.openvswitch.org/en/latest/topics/dpdk/memory/',
      'https://www.openvswitch.org/support/dist-docs/ovs-vswitchd.conf.db.5.html',
    ],
    falsePositives: 'None known: DPDK refuses each of these.',
    example: {
      file: 'host-snapshot.yaml',
      good: '        dpdk-socket-mem: "2048,2048"\n',
      bad: '        dpdk-socket-mem: "2048,2048,2048"\n',
    },
  },
  *check({ ovs: { configuration }, numaNodes }) {
    if (isUnread(configuration)) return yield configuration;
    const { otherConfig, otherConfigField } = configuration.value;
    for (const key of ['dpdk-socket-mem', 'dpdk-socket-limit'] as const) {
      const text = otherConfig.get(key);
      if (text === undefined) continue;
      const { path } = otherConfigField.get(key);
      const entries = socketMiB(configuration.value, key);
      if (entries === undefined) yield { path, message: `${key} must be MiB by NUMA node, such as "1024,1024", not ${quote(text)}` };
      else if (isUnread(numaNodes)) yield numaNodes;
      else if (entries.slice(numaNodes.value.length).some((entry) => entry > 0)) {
        const nodes = numaNodes.value.length;
        yield { path, message: `${key} ${quote(text)} asks for memory on ${entries.length} NUMA nodes, and the host has ${nodes}` };
      }
    }
  },
});
