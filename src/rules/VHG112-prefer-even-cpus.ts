import { defineRule } from '../engine/rule.ts';

export const preferEvenCpus = defineRule({
  meta: {
    id: 'VHG112',
    name: 'prefer-even-cpus',
    title: 'Prefer an even number of dedicated CPUs',
    why: `\`isolateEmulatorThread\` adds one CPU to those of the guest, so a guest with an even number of vCPUs asks for an odd number. A node
whose CPU manager runs with \`full-pcpus-only\`, as nodes tuned for DPDK do, hands out whole cores only and rejects the pod with \`SMTAlignmentError\`; elsewhere the
odd thread shares its core with another pod, whose load then shows as jitter.`,
    remedy:
      'Give the guest an odd number of vCPUs, drop `isolateEmulatorThread`, or let KubeVirt round up: feature gate `AlignCPUs` and the annotation `alpha.kubevirt.io/EmulatorThreadCompleteToEvenParity` on the KubeVirt object.',
    severity: 'warning',
    targets: ['workload'],
    needs: ['catalogue', 'controllerRevision', 'kubeVirt'],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://github.com/kubevirt/kubevirt/issues/10593',
      'https://kubernetes.io/docs/tasks/administer-cluster/cpu-management-policies/',
    ],
    falsePositives:
      'A cluster without SMT or without `full-pcpus-only` runs the VM; so does one that rounds up, where the KubeVirt object is not known.',
    example: {
      file: 'virtual-machine.yaml',
      good: '          dedicatedCpuPlacement: true\n',
      bad: '          dedicatedCpuPlacement: true\n          isolateEmulatorThread: true\n',
    },
  },
  *check({ machine, spec }, { inventory }) {
    const { isEmulatorThreadIsolated: isolated, isCpuDedicated, vcpus } = machine;
    if (isolated.state === 'unknown') yield { path: isolated.path, unknown: isolated.reason };
    if (isolated.state !== 'set' || !isolated.value) return;
    const unknown = [isCpuDedicated, vcpus].find(({ state }) => state === 'unknown');
    if (unknown?.state === 'unknown') yield { path: unknown.path, unknown: unknown.reason };
    if (isCpuDedicated.state !== 'set' || !isCpuDedicated.value || vcpus.state !== 'set') return;
    const kubeVirt = inventory.kubeVirt();
    if (kubeVirt.state === 'found' && kubeVirt.value.completesToEvenCpus) return;
    const pool = spec.get('domain').get('ioThreadsPolicy').value === 'supplementalPool' ? spec.get('domain').get('ioThreads') : undefined;
    const cpus = vcpus.value + 1 + (pool?.get('supplementalPoolThreadCount').count() ?? 0);
    if (cpus % 2 === 0) return;
    yield {
      path: isolated.path,
      message: `isolateEmulatorThread brings the VM to ${cpus} dedicated CPUs, half a core too many: add or drop one vCPU, or remove it`,
    };
  },
});
