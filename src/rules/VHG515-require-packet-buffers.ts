import { quote } from '../core/json.ts';
import type { Violation } from '../engine/finding.ts';
import { defineRule } from '../engine/rule.ts';
import type { Host } from '../kube/host.ts';
import { isUnread } from '../kube/host-fact.ts';
import type { Mempool, OvsConfiguration, OvsInterface } from '../kube/host-ovs.ts';
import { MANY_MBUFS } from '../kube/mempool.ts';
import { isDpdkPort, livePorts } from './live-ovs.ts';
import { halvedPools } from './own-buffers.ts';
import { socketMiB } from './socket-memory.ts';

/** What a buffer takes from MTU 999 on. For smaller ones OVS asks for 16384. */
const SHARED_FROM_BYTES = 3008;

const MIB = 1024 * 1024;

export const requirePacketBuffers = defineRule({
  meta: {
    id: 'VHG515',
    name: 'require-packet-buffers',
    title: 'Require memory for the packet buffers of every port',
    why: `OVS gives each MTU class on a NUMA node a pool of 262144 buffers, or with \`per-port-memory\` each port one that fits its queues. When
memory does not suffice it halves the number until it does, and says nothing: bursts are dropped. When not even 16384 fit, or DPDK's mempool driver is missing, the port shows \`connected\`, no error, and
an MTU of 0, and passes no packet. Without \`dpdk-socket-limit\` OVS takes more than \`dpdk-socket-mem\`, and those pages are missing for VMs.`,
    remedy: `Raise \`other_config:dpdk-socket-mem\` (with \`dpdk-socket-limit\`) by what \`vhostguard host plan\` computes, reserve the hugepages for
it, and restart OVS. On Debian install \`librte-mempool-ring\`.`,
    severity: 'error',
    targets: ['host'],
    needs: [],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://docs.openvswitch.org/en/latest/topics/dpdk/memory/',
      'https://github.com/openvswitch/ovs/blob/main/lib/netdev-dpdk.c',
    ],
    falsePositives: 'With little traffic a halved pool is never exhausted.',
    example: {
      file: 'host-snapshot.yaml',
      good: '        status: { mode: client, status: connected, numa: "1", num_of_vrings: "2" }\n        mtu: 1500\n',
      bad: '        status: { mode: client, status: connected, numa: "1", num_of_vrings: "2" }\n        mtu: 0\n',
    },
  },
  *check(host) {
    const ports = livePorts(host);
    if (isUnread(ports)) return yield ports;
    for (const { name, field, status, mtu } of ports.value) {
      if (status.get('status') !== 'connected' || mtu !== 0) continue;
      const message = `port ${quote(name)} is connected and has no packet buffers (its MTU is 0): give OVS more memory on its NUMA node`;
      yield { path: field.get('mtu').path, message };
    }
    const { configuration, mempools } = host.ovs;
    if (isUnread(configuration)) return yield configuration;
    if (!ports.value.some(isDpdkPort)) return;
    if (isUnread(mempools)) return yield mempools;
    if (configuration.value.otherConfig.get('per-port-memory') === 'true') yield* judgeOwnPools(ports.value, mempools.value, host);
    else yield* judgePools(mempools.value);
    yield* judgeTotals(mempools.value, configuration.value);
  },
});

function* judgePools(pools: readonly Mempool[]): Iterable<Violation> {
  for (const { field, numaNode, size, objectBytes } of pools) {
    if (objectBytes < SHARED_FROM_BYTES || size >= MANY_MBUFS) continue;
    const message = `a pool on NUMA node ${numaNode} has ${size} packet buffers, where OVS asks for ${MANY_MBUFS}: give it more memory there`;
    yield { path: field.get('size').path, severity: 'warning', message };
  }
}

function* judgeOwnPools(ports: readonly OvsInterface[], pools: readonly Mempool[], { ovs: { pmdThreads } }: Host): Iterable<Violation> {
  for (const { port, pool, askedFor } of halvedPools(ports, pools, isUnread(pmdThreads) ? undefined : pmdThreads.value.length)) {
    const { field, numaNode, size } = pool;
    const message = `port ${quote(port)} has ${size} packet buffers on NUMA node ${numaNode}, where OVS asks for ${askedFor}: give it more memory there`;
    yield { path: field.get('size').path, severity: 'warning', message };
  }
}

function* judgeTotals(pools: readonly Mempool[], configuration: OvsConfiguration): Iterable<Violation> {
  const given = socketMiB(configuration, 'dpdk-socket-mem') ?? [];
  for (const [node, givenMiB] of given.entries()) {
    const here = pools.filter(({ numaNode }) => numaNode === node);
    const usedMiB = Math.ceil(here.reduce((sum, { size, objectBytes }) => sum + size * objectBytes, 0) / MIB);
    if (givenMiB === 0 || usedMiB <= givenMiB) continue;
    const { path } = configuration.otherConfigField.get('dpdk-socket-mem');
    const message = `packet buffers take ${usedMiB} MiB on NUMA node ${node}, and dpdk-socket-mem gives ${givenMiB} MiB: the rest is missing for VMs`;
    yield { path, severity: 'warning', message };
  }
}
