import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { subjectOf } from '../../src/core/subject.ts';
import { parseCpuList } from '../../src/host-plan/cpu-list.ts';
import { PAGE_BYTES } from '../../src/host-plan/description.ts';
import { allKernelArguments } from '../../src/host-plan/kernel-arguments.ts';
import { createPlan, type HostPlan } from '../../src/host-plan/plan.ts';
import { mbufBytes, portMbufs, sharedMbufs } from '../../src/kube/mempool.ts';
import { cpusOfMask } from '../../src/rules/pmd-mask.ts';
import { engineOver } from '../support/fixture.ts';
import { arbitraryHosts, configured, described, HOW_TO_HOST, planned } from '../support/planned-host.ts';

/** The CPUs of a kernel argument such as `isolcpus=managed_irq,domain,2-3`. */
function cpusOfArgument(plan: HostPlan, name: string): readonly number[] {
  const argument = allKernelArguments(plan.kernel).find((word) => word.startsWith(`${name}=`)) ?? '';
  const cpus = parseCpuList(argument.replace(/^[^=]*=(?:managed_irq,domain,)?/, ''));
  if ('problem' in cpus) throw new Error(cpus.problem);
  return cpus.value;
}

function nodeOf({ description }: HostPlan, cpu: number): number | undefined {
  return description.numa.find(({ cpus }) => cpus.includes(cpu))?.id;
}

/** The pools that OVS makes for the NICs: one for each, or for all of one class. */
function poolsOf({ description, pmd }: HostPlan) {
  const pools = description.nics.map(({ numa, mtu, queues }) => ({
    name: description.perPortMemory ? `${numa}-${mtu}-${queues}` : `${numa}-${mbufBytes(mtu)}`,
    numaNode: numa,
    size: description.perPortMemory ? portMbufs({ rxQueues: queues, txQueues: pmd.cpus.length + 1 }) : sharedMbufs(mtu),
    objectBytes: mbufBytes(mtu),
  }));
  return description.perPortMemory ? pools : [...new Map(pools.map((pool) => [pool.name, pool])).values()];
}

function ovsOf(plan: HostPlan) {
  const { description } = plan;
  const otherConfig = configured(plan);
  const threads = cpusOfMask(otherConfig['pmd-cpu-mask'] ?? '').map((cpu) => ({ numaNode: nodeOf(plan, cpu), cpu }));
  const polled = (numaNode: number | undefined) =>
    description.nics.filter(({ numa }) => numa === numaNode).map(({ port }) => ({ port, queue: 0 }));
  return {
    database: { state: 'answers' },
    control: { state: 'answers' },
    process: { uid: 800, gid: description.group.gid, groups: [description.group.gid], overridesModes: false },
    handshake: { nextCfg: 1, curCfg: 1, isDone: true },
    configuration: { dpdkVersion: 'DPDK 22.11.11', isDpdkInitialized: true, otherConfig },
    bridges: [{ name: description.bridge, datapathType: 'netdev', ports: description.nics.map(({ port }) => port) }],
    interfaces: description.nics.map(({ port, mtu, numa }) => ({
      ...{ name: port, type: 'dpdk', options: {}, mtu, mtuRequest: mtu },
      status: { numa_id: String(numa) },
    })),
    pmdThreads: threads.map((thread) => ({ ...thread, queues: polled(thread.numaNode) })),
    mempools: poolsOf(plan),
  };
}

/** A host on which all is as the plan says. */
function preparedHost(plan: HostPlan) {
  const { description, pages, pmd, reserved, vmCpus } = plan;
  const sizeKiB = PAGE_BYTES[description.pageSize] / 1024;
  const hugepages = (id: number) => [{ sizeKiB, total: pages.find(({ node }) => node === id)?.count ?? 0, free: 0 }];
  const pciDevices = description.nics.map(({ pci, numa }) => ({
    address: pci,
    isPresent: true,
    askedBy: ['ovs'],
    driver: 'vfio-pci',
    numaNode: numa,
  }));
  return {
    ...{ apiVersion: 'vhostguard.dev/v1alpha1', kind: 'HostSnapshot', metadata: { name: 'prepared' } },
    spec: {
      version: 1,
      kernel: { arguments: allKernelArguments(plan.kernel), selinux: 'disabled' },
      cpus: {
        online: description.numa.flatMap(({ cpus }) => cpus),
        cores: description.cores,
        isolated: cpusOfArgument(plan, 'isolcpus'),
        nohzFull: cpusOfArgument(plan, 'nohz_full'),
        flags: ['pse', 'pdpe1gb'],
      },
      numaNodes: description.numa.map(({ id, cpus }) => ({ id, cpus, hugepages: hugepages(id) })),
      iommu: { units: ['dmar0'], groups: pciDevices.map(({ address }, id) => ({ id, type: 'identity', devices: [address] })) },
      kubelet: {
        configuration: { cpuManagerPolicy: 'static', reservedSystemCpus: [...reserved.cpus, ...pmd.cpus], isReservationStrict: true },
        cpuManagerState: { assigned: vmCpus.length === 0 ? [] : [{ pod: 'vm', container: 'compute', cpus: vmCpus }] },
      },
      pciDevices,
      ovs: ovsOf(plan),
      vhostSockets: [],
      socketDirectories: [
        {
          path: description.socketDirectory,
          file: { state: 'found', type: 'directory', mode: '2775', uid: 0, gid: description.group.gid },
          entries: [{ name: 'touched', type: 'file' }],
        },
      ],
    },
  };
}

const engine = engineOver([]);

function findingsOn(plan: HostPlan): string[] {
  return engine.evaluate(subjectOf(preparedHost(plan), '')).findings.map(({ rule, message }) => `${rule}: ${message}`);
}

describe('host check', () => {
  test("has nothing to say of the how-to's host as host plan prepares it", () => {
    expect(findingsOn(planned(HOW_TO_HOST))).toEqual([]);
  });

  test('has nothing to say of any host that is as host plan says', () => {
    fc.assert(
      fc.property(arbitraryHosts, (written) => {
        const plan = createPlan(described(written));
        fc.pre('value' in plan);
        if ('value' in plan) expect(findingsOn(plan.value)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
