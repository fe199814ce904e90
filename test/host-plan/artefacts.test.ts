import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { ARTEFACTS, type ArtefactName } from '../../src/host-plan/artefacts.ts';
import { parseCpuList } from '../../src/host-plan/cpu-list.ts';
import type { WrittenDescription } from '../../src/host-plan/description.ts';
import { allKernelArguments } from '../../src/host-plan/kernel-arguments.ts';
import { createPlan, type HostPlan } from '../../src/host-plan/plan.ts';
import { arbitraryHosts, described, HOW_TO_HOST, planned } from '../support/planned-host.ts';
import { runCli } from '../support/run-cli.ts';

const OPTIONS = { pool: 'worker-dpdk', ovsDpdkCpus: false };

function emitted(name: ArtefactName, written: WrittenDescription = HOW_TO_HOST, options = OPTIONS): string {
  const text = ARTEFACTS[name](planned(written), options);
  if ('problem' in text) throw new Error(text.problem);
  return text.value;
}

function cpusOf(list: unknown): readonly number[] {
  const cpus = parseCpuList(String(list));
  return 'value' in cpus ? cpus.value : [];
}

interface Profile {
  readonly metadata: { readonly annotations: Readonly<Record<string, string>> };
  readonly spec: { readonly cpu: Readonly<Record<string, string>>; readonly hugepages: unknown; readonly nodeSelector: unknown };
}

describe('performance-profile', () => {
  test('keeps the PMD CPUs from pods by reserving them', () => {
    const { spec } = parse(emitted('performance-profile')) as Profile;
    expect(spec.cpu).toEqual({ reserved: '0-3,24-27', isolated: '4-23,28-47' });
    expect(spec.hugepages).toEqual({
      defaultHugepagesSize: '1G',
      pages: [
        { size: '1G', count: 32, node: 0 },
        { size: '1G', count: 32, node: 1 },
      ],
    });
    expect(spec.nodeSelector).toEqual({ 'node-role.kubernetes.io/worker-dpdk': '' });
  });

  test('gives them in spec.cpu.ovsDpdk where asked, with what the operator demands besides', () => {
    const { spec, metadata } = parse(emitted('performance-profile', HOW_TO_HOST, { ...OPTIONS, ovsDpdkCpus: true })) as Profile;
    expect(spec.cpu).toEqual({ reserved: '0-1,24-25', isolated: '4-23,28-47', ovsDpdk: '2-3,26-27' });
    expect(metadata.annotations['performance.openshift.io/cpu-load-balancing-ovs-dpdk']).toBe('disable');
    expect(JSON.parse(metadata.annotations['kubeletconfig.experimental'] ?? '')).toEqual({
      cpuManagerPolicyOptions: { 'strict-cpu-reservation': 'true' },
    });
  });

  test('names every CPU of any host in one set, as the operator demands', () => {
    fc.assert(
      fc.property(arbitraryHosts, fc.boolean(), (written, ovsDpdkCpus) => {
        const text = ARTEFACTS['performance-profile'](planned(written), { ...OPTIONS, ovsDpdkCpus });
        if ('problem' in text) return;
        const { cpu } = (parse(text.value) as Profile).spec;
        const all = described(written).numa.flatMap(({ cpus }) => cpus);
        expect(
          Object.values(cpu)
            .flatMap(cpusOf)
            .sort((a, b) => a - b),
        ).toEqual(all.toSorted((a, b) => a - b));
      }),
    );
  });

  test('cannot be where no CPU is left for VMs', () => {
    const plan = planned({ ...HOW_TO_HOST, numa: [{ cpus: '0-3', vmMemory: '1Gi' }], siblings: '+2' });
    expect(ARTEFACTS['performance-profile'](plan, OPTIONS)).toEqual({ problem: expect.stringContaining('must have isolated CPUs') });
  });
});

describe('machine-config', () => {
  const { spec } = parse(emitted('machine-config')) as {
    spec: { kernelArguments: string[]; config: { storage: { files: { path: string; contents: { source: string } }[] } } };
  };
  const files = new Map(
    spec.config.storage.files.map(({ path, contents }) => [path, decodeURIComponent(contents.source.replace(/^data:,/, ''))]),
  );

  test('has the kernel arguments of the plan', () => {
    expect(spec.kernelArguments.join(' ')).toContain('hugepages=64 intel_iommu=on iommu=pt isolcpus=managed_irq,domain,2-3,26-27');
  });

  test('brings the files that tmpfiles and udev are', () => {
    expect(files.get('/etc/tmpfiles.d/vhostguard-ovs-dpdk.conf')).toBe(emitted('tmpfiles'));
    expect(files.get('/etc/udev/rules.d/91-vhostguard-vfio.rules')).toBe(emitted('udev'));
  });
});

test('tuned isolates the PMD CPUs, with the whole command line of the plan: the profile that it includes has no isolcpus', () => {
  const { spec } = parse(emitted('tuned')) as { spec: { profile: { name: string; data: string }[]; recommend: unknown } };
  expect(spec.profile[0]?.data).toContain('[variables]\nisolated_cores=2-3,26-27\n');
  const { kernel } = planned(HOW_TO_HOST);
  expect(spec.profile[0]?.data).toContain(`\ncmdline_vhostguard=+${allKernelArguments(kernel).join(' ')}\n`);
  expect(kernel.isolation).toEqual(['isolcpus=managed_irq,domain,2-3,26-27', 'nohz_full=2-3,26-27', 'rcu_nocbs=2-3,26-27']);
  expect(JSON.stringify(spec.recommend)).toContain(`"profile":"${spec.profile[0]?.name}"`);
});

test('tmpfiles makes the directory with the setgid bit, and the file that keeps it', () => {
  expect(emitted('tmpfiles', { ...HOW_TO_HOST, socketDirectory: '/var/run/sockets', group: 'ovs:900' })).toBe(
    [
      '# systemd-tmpfiles: the vhost-user sockets of VMs, and hugepages for an OVS that is not root.',
      'd /run/sockets 2775 root ovs -',
      'f /run/sockets/touched 0644 root ovs -',
      'z /dev/hugepages 0775 root ovs -',
      '',
    ].join('\n'),
  );
});

describe('manifests', () => {
  /** The node that the plan makes, as the kubelet would report it. */
  function nodeOf({ description, vmCpus, label, pages }: HostPlan): string {
    const vmPages = description.numa.reduce((sum, { vmMemoryBytes }) => sum + vmMemoryBytes, 0);
    return stringify({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name: 'worker-0',
        labels: { 'kubevirt.io/schedulable': 'true', 'kubevirt.io/cpumanager': 'true', [label.key]: label.value },
      },
      status: {
        allocatable: {
          cpu: `${vmCpus.length}`,
          memory: '64Gi',
          [`hugepages-${description.pageSize}`]: `${vmPages}`,
          pods: `${pages.length}`,
        },
      },
    });
  }

  async function check(written: WrittenDescription): Promise<{ findings: unknown[]; summary: Record<string, number>; exitCode: number }> {
    const stdin = `${emitted('manifests', written)}---\n${nodeOf(planned(written))}`;
    const { stdout, exitCode } = await runCli(['check', '--no-repair', '--fail-on', 'info', '-o', 'json', '-'], { stdin });
    return { ...(JSON.parse(stdout) as { findings: unknown[]; summary: Record<string, number> }), exitCode };
  }

  test.for<[string, WrittenDescription]>([
    ["the how-to's host", HOW_TO_HOST],
    ['pages of 2 MiB', { ...HOW_TO_HOST, pageSize: '2Mi', numa: [{ cpus: '0-7', vmMemory: '500Mi' }], siblings: '+4' }],
    ['one NUMA node without threads', { ...HOW_TO_HOST, numa: [{ cpus: '0-6', vmMemory: '3Gi' }], siblings: 'none' }],
    ['several queues and another bridge', { ...HOW_TO_HOST, vmQueues: 4, bridge: 'br-phy', group: 'ovs:900' }],
  ])('for %s pass check as they stand, without one finding', async ([, written]) => {
    const { findings, summary, exitCode } = await check(written);
    expect(findings).toEqual([]);
    expect(summary).toMatchObject({ objects: 4, inScope: 2, fail: 0, warn: 0, skip: 0, error: 0 });
    expect(exitCode).toBe(0);
  });

  test('for any host pass check, or the plan says what it lacks', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryHosts, async (written) => {
        const plan = createPlan(described(written));
        if ('problem' in plan || 'problem' in ARTEFACTS.manifests(plan.value)) return;
        expect((await check(written)).findings).toEqual([]);
      }),
      { numRuns: 15 },
    );
  });

  test('are a network, the registration of its binding and a VM on the planned bridge', () => {
    const text = emitted('manifests', { ...HOW_TO_HOST, bridge: 'br-phy' });
    expect(parseAllDocuments(text).map((document) => document.toJS().kind)).toEqual([
      'NetworkAttachmentDefinition',
      'KubeVirt',
      'VirtualMachine',
    ]);
    expect(text).toContain('"bridgeName": "br-phy"');
  });
});
