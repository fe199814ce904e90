import { stringify } from 'yaml';
import { formatCpuList, type Parsed } from './cpu-list.ts';
import { hostFiles } from './host-files.ts';
import { allKernelArguments } from './kernel-arguments.ts';
import type { HostPlan } from './plan.ts';

/** What an artefact depends on besides the plan. */
export interface ArtefactOptions {
  /** The MachineConfigPool of the planned nodes. */
  readonly pool: string;
  /** Whether the PerformanceProfile says `spec.cpu.ovsDpdk`, which the Node Tuning Operator knows since July 2026. */
  readonly ovsDpdkCpus: boolean;
}

const NAME = 'vhostguard-ovs-dpdk';

/** YAML of one object, with a comment above it. */
function toYaml(comment: readonly string[], object: object): string {
  return `${comment.map((line) => `# ${line}\n`).join('')}${stringify(object, { aliasDuplicateObjects: false, lineWidth: 0 })}`;
}

/**
 * The PerformanceProfile of the Node Tuning Operator, which sets kernel arguments, hugepages, tuned and the kubelet from it.
 *
 * @see https://github.com/openshift/cluster-node-tuning-operator/blob/master/docs/performanceprofile/performance_profile.md
 */
export function formatPerformanceProfile(plan: HostPlan, { pool, ovsDpdkCpus }: ArtefactOptions): Parsed<string> {
  const { pmd, reserved, vmCpus, pages, description } = plan;
  if (vmCpus.length === 0) return { problem: 'a PerformanceProfile must have isolated CPUs, and the plan leaves none to the VMs' };
  if (reserved.cpus.length === 0) return { problem: 'a PerformanceProfile must have reserved CPUs, and the plan leaves none to the host' };
  const cpu = ovsDpdkCpus
    ? { reserved: formatCpuList(reserved.cpus), isolated: formatCpuList(vmCpus), ovsDpdk: formatCpuList(pmd.cpus) }
    : { reserved: formatCpuList([...reserved.cpus, ...pmd.cpus]), isolated: formatCpuList(vmCpus) };
  const size = description.pageSize.replace('i', '');
  const profile = {
    apiVersion: 'performance.openshift.io/v2',
    kind: 'PerformanceProfile',
    metadata: { name: NAME, annotations: profileAnnotations(ovsDpdkCpus) },
    spec: {
      cpu,
      hugepages: {
        defaultHugepagesSize: size,
        pages: pages.filter(({ count }) => count > 0).map(({ node, count }) => ({ size, count, node })),
      },
      numa: { topologyPolicy: 'single-numa-node' },
      nodeSelector: { [`node-role.kubernetes.io/${pool}`]: '' },
    },
  };
  return { value: toYaml(profileComment(ovsDpdkCpus, formatCpuList(pmd.cpus)), profile) };
}

function profileAnnotations(ovsDpdkCpus: boolean): Record<string, string> {
  return {
    'kubeletconfig.experimental': '{"cpuManagerPolicyOptions":{"strict-cpu-reservation":"true"}}',
    ...(ovsDpdkCpus ? { 'performance.openshift.io/cpu-load-balancing-ovs-dpdk': 'disable' } : {}),
  };
}

function profileComment(ovsDpdkCpus: boolean, pmdCpus: string): string[] {
  return ovsDpdkCpus
    ? [
        `The PMDs run on ovsDpdk (${pmdCpus}): isolated from the kernel, reserved from pods. A Node Tuning Operator that does not know`,
        'the field refuses it. Where workload partitioning is on, leave the annotation kubeletconfig.experimental out.',
      ]
    : [
        `The PMDs run on ${pmdCpus}, which are among the reserved CPUs, so that no pod gets them. They are not isolated from the`,
        "kernel's own tasks: for that the operator needs spec.cpu.ovsDpdk (vhostguard host plan --ovs-dpdk-cpus).",
      ];
}

/** The MachineConfig with kernel arguments and files, for a cluster without a PerformanceProfile for these nodes. */
export function formatMachineConfig(plan: HostPlan, { pool }: ArtefactOptions): Parsed<string> {
  const config = {
    apiVersion: 'machineconfiguration.openshift.io/v1',
    kind: 'MachineConfig',
    metadata: { name: `99-${pool}-${NAME}`, labels: { 'machineconfiguration.openshift.io/role': pool } },
    spec: {
      kernelArguments: allKernelArguments(plan.kernel),
      config: {
        ignition: { version: '3.2.0' },
        storage: {
          files: hostFiles(plan).map(({ path, text }) => ({
            path,
            mode: 0o644,
            overwrite: true,
            contents: { source: `data:,${encodeURIComponent(text)}` },
          })),
        },
      },
    },
  };
  const comment = ['With a PerformanceProfile for the same nodes take kernelArguments out: the operator sets them itself.'];
  return { value: toYaml(comment, config) };
}

/**
 * The Tuned of the Node Tuning Operator, for a cluster without a PerformanceProfile for these nodes. The profile cpu-partitioning keeps
 * systemd, interrupts and the tick off the CPUs. It sets no isolcpus=, and rcu_nocbs= in some releases only; nohz_full= is the same twice.
 *
 * @see https://github.com/redhat-performance/tuned/blob/master/profiles/cpu-partitioning/tuned.conf
 */
export function formatTuned(plan: HostPlan, { pool }: ArtefactOptions): Parsed<string> {
  const data = [
    '[main]',
    'summary=PMD CPUs, hugepages and IOMMU of OVS-DPDK',
    'include=openshift-node,cpu-partitioning',
    '[variables]',
    `isolated_cores=${formatCpuList(plan.pmd.cpus)}`,
    '[bootloader]',
    `cmdline_vhostguard=+${allKernelArguments(plan.kernel).join(' ')}`,
    '',
  ].join('\n');
  const tuned = {
    apiVersion: 'tuned.openshift.io/v1',
    kind: 'Tuned',
    metadata: { name: NAME, namespace: 'openshift-cluster-node-tuning-operator' },
    spec: {
      profile: [{ name: NAME, data }],
      recommend: [{ machineConfigLabels: { 'machineconfiguration.openshift.io/role': pool }, priority: 20, profile: NAME }],
    },
  };
  return { value: toYaml(['Instead of a PerformanceProfile, not beside one.'], tuned) };
}
