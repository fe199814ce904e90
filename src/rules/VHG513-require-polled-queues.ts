import { quote } from '../core/json.ts';
import type { Violation } from '../engine/finding.ts';
import { defineRule } from '../engine/rule.ts';
import { isUnread } from '../kube/host-fact.ts';
import type { OvsInterface, PmdThread } from '../kube/host-ovs.ts';
import { isDpdkPort, livePorts } from './live-ovs.ts';

export const requirePolledQueues = defineRule({
  meta: {
    id: 'VHG513',
    name: 'require-polled-queues',
    title: 'Require a PMD thread on its own NUMA node for each port',
    why: `A queue that no PMD thread polls receives nothing, and only a line in the log says so. One that is polled from another NUMA node
costs a trip across the processors' link for each packet; OVS does that silently when the mask has no CPU on the port's node, or when
\`pmd-rxq-affinity\` leaves only isolated threads there.`,
    remedy:
      'Give each NUMA node that has a DPDK NIC or VMs a core in `other_config:pmd-cpu-mask`, then `ovs-appctl dpif-netdev/pmd-rxq-rebalance`.',
    severity: 'error',
    targets: ['host'],
    needs: [],
    fix: 'none',
    since: '0.1.0',
    sources: ['https://docs.openvswitch.org/en/latest/topics/dpdk/pmd/', 'https://docs.openvswitch.org/en/latest/topics/dpdk/vhost-user/'],
    falsePositives: 'On a host with a single NIC, VMs on the other node have to cross the link somewhere.',
    example: {
      file: 'host-snapshot.yaml',
      good: '      - { numaNode: 1, cpu: 3, isIsolated: false, queues: [{ port: 8d20e5b7a1c4-net1, queue: 0, isEnabled: true }] }\n',
      bad: '      - { numaNode: 1, cpu: 3, isIsolated: false, queues: [] }\n',
    },
  },
  *check(host) {
    const ports = livePorts(host);
    if (isUnread(ports)) return yield ports;
    const { pmdThreads } = host.ovs;
    const polled = ports.value.filter((port) => isDpdkPort(port) && (port.mtu ?? 0) > 0);
    if (polled.length === 0) return;
    if (isUnread(pmdThreads)) return yield pmdThreads;
    for (const port of polled) yield* judge(port, pmdThreads.value);
  },
});

function* judge({ name, field, status }: OvsInterface, threads: readonly PmdThread[]): Iterable<Violation> {
  const polling = threads.filter(({ ports }) => ports.includes(name));
  const { path } = field.get('name');
  if (polling.length === 0) return yield { path, message: `no PMD thread polls port ${quote(name)}: look at pmd-cpu-mask` };
  const node = status.get('numa') ?? status.get('numa_id');
  const away = node === undefined ? undefined : polling.find(({ numaNode }) => String(numaNode) !== node);
  if (away === undefined) return;
  const message = `port ${quote(name)} is on NUMA node ${node} and polled from node ${away.numaNode} (CPU ${away.cpu}): add a CPU of node ${node} to pmd-cpu-mask`;
  yield { path, severity: 'warning', message };
}
