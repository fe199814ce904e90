import fc from 'fast-check';
import type { HostDescription, WrittenDescription } from '../../src/host-plan/description.ts';
import { createPlan, type HostPlan } from '../../src/host-plan/plan.ts';
import { readDescription } from '../../src/host-plan/read-description.ts';
import { stepsOf } from '../../src/host-plan/shell.ts';

const EVEN = Array.from({ length: 24 }, (_, index) => 2 * index);
const ODD = EVEN.map((cpu) => cpu + 1);

/** The how-to's host: two NUMA nodes of twelve cores, even CPUs on one and odd ones on the other, one NIC, 62 pages for VMs. */
export const HOW_TO_HOST: WrittenDescription = {
  node: 'worker-0',
  numa: [
    { cpus: EVEN.join(','), vmMemory: '31Gi' },
    { cpus: ODD.join(','), vmMemory: '31Gi' },
  ],
  siblings: '+24',
  nics: [{ pci: '0000:06:00.0', numa: 0 }],
  cpuVendor: 'intel',
};

/** A description that has nothing wrong. @throws where it has */
export function described(written: WrittenDescription): HostDescription {
  const read = readDescription(written);
  if ('problems' in read) throw new Error(read.problems.map(({ message }) => message).join('\n'));
  return read.description;
}

/** The plan of a description. @throws where there is none */
export function planned(written: WrittenDescription): HostPlan {
  const plan = createPlan(described(written));
  if ('problem' in plan) throw new Error(plan.problem);
  return plan.value;
}

/** What the commands of a plan set in OVSDB. */
export function configured(plan: HostPlan): Record<string, string> {
  const commands = stepsOf(plan).flatMap((step) => step.commands);
  return Object.fromEntries(
    commands.flatMap((command) => [...command.matchAll(/other_config:([a-z-]+)=(\S+)/g)].map(([, key, value]) => [key, value])),
  );
}

/** Hosts of one to four NUMA nodes with two to eight cores each, in either common numbering of CPUs, with NICs and VMs somewhere. */
export const arbitraryHosts: fc.Arbitrary<WrittenDescription> = fc
  .record({ nodes: fc.integer({ min: 1, max: 4 }), cores: fc.integer({ min: 2, max: 8 }), threads: fc.constantFrom(1, 2) })
  .chain(({ nodes, cores, threads }) => {
    const pages = fc.constantFrom('1Gi', '2Mi');
    return fc.record({
      numa: fc
        .tuple(fc.boolean(), fc.array(fc.nat(64), { minLength: nodes, maxLength: nodes }))
        .map(([isInterleaved, memory]) =>
          memory.map((gib, node) => ({ cpus: cpusOf({ node, nodes, cores, threads, isInterleaved }), vmMemory: `${gib}Gi` })),
        ),
      siblings: fc.constant(threads === 1 ? 'none' : `+${nodes * cores}`),
      nics: fc
        .array(fc.record({ numa: fc.nat(nodes - 1), mtu: fc.integer({ min: 68, max: 9702 }), queues: fc.integer({ min: 1, max: 8 }) }), {
          minLength: 1,
          maxLength: 4,
        })
        .map((nics) => nics.map((nic, index) => ({ ...nic, pci: `0000:18:00.${index}` }))),
      pageSize: pages,
      cpuVendor: fc.constantFrom('intel', 'amd'),
      perPortMemory: fc.boolean(),
    });
  });

interface Numbering {
  readonly node: number;
  readonly nodes: number;
  readonly cores: number;
  readonly threads: number;
  /** Whether neighbouring CPUs are on different nodes. */
  readonly isInterleaved: boolean;
}

function cpusOf({ node, nodes, cores, threads, isInterleaved }: Numbering): string {
  const first = Array.from({ length: cores }, (_, core) => (isInterleaved ? core * nodes + node : node * cores + core));
  return Array.from({ length: threads }, (_, thread) => first.map((cpu) => cpu + thread * nodes * cores)).join(',');
}
