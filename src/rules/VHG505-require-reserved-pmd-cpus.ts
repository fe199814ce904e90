import type { Unknown, Violation } from '../engine/finding.ts';
import { defineRule } from '../engine/rule.ts';
import { isUnread } from '../kube/host-fact.ts';
import type { CpuManagerState, KubeletConfiguration } from '../kube/host-machine.ts';
import { describeCpus, pmdCpus } from './pmd-mask.ts';

export const requireReservedPmdCpus = defineRule({
  meta: {
    id: 'VHG505',
    name: 'require-reserved-pmd-cpus',
    title: 'Require PMD CPUs that the kubelet gives to no pod',
    why: `The kubelet knows nothing of OVS. With the static CPU manager it hands out every CPU that is not in \`reservedSystemCPUs\`, so a VM
with dedicated CPUs gets one on which a PMD thread polls: both then run at half speed, and nothing says why. \`isolcpus\` does not hold
the kubelet back. Pods without CPUs of their own run on reserved CPUs too, unless \`strict-cpu-reservation\` keeps them off, and on all CPUs
where the policy is \`none\`; VMs with dedicated CPUs then do not start there at all.`,
    remedy: `Add the CPUs to \`reservedSystemCPUs\` in the kubelet's configuration, with \`cpuManagerPolicy: static\` and
\`cpuManagerPolicyOptions: { strict-cpu-reservation: "true" }\` (Kubernetes 1.33; 1.32 behind \`CPUManagerPolicyAlphaOptions\`), drain the node, remove
\`/var/lib/kubelet/cpu_manager_state\` and restart the kubelet; or move the PMD threads with \`ovs-vsctl set Open_vSwitch . other_config:pmd-cpu-mask=MASK\`.`,
    severity: 'error',
    targets: ['host'],
    needs: [],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://kubernetes.io/docs/tasks/administer-cluster/cpu-management-policies/',
      'https://kubernetes.io/docs/tasks/administer-cluster/reserve-compute-resources/',
      'https://www.kubernetes.dev/resources/keps/4540/',
    ],
    falsePositives:
      'CPUs that a cgroup partition takes, as `spec.cpu.ovsDpdk` of a PerformanceProfile makes one, are kept from pods without `strict-cpu-reservation`.',
    example: {
      file: 'host-snapshot.yaml',
      good: '      reservedSystemCpus: [0, 1, 2, 3, 8, 9, 10, 11]\n',
      bad: '      reservedSystemCpus: [0, 1, 8, 9]\n',
    },
  },
  *check(host) {
    const pmd = pmdCpus(host);
    if (isUnread(pmd)) return yield pmd;
    const { cpus } = pmd.value;
    const { kubeletConfiguration, cpuManagerState } = host;
    if (!isUnread(cpuManagerState)) yield* judgeAssigned(cpus, cpuManagerState.value);
    if (isUnread(kubeletConfiguration)) return yield kubeletConfiguration;
    if (cpus.length === 0) return;
    const { policyField, cpuManagerPolicy } = kubeletConfiguration.value;
    if (cpuManagerPolicy !== 'static') {
      const message = `the kubelet's CPU manager is off, so any pod may run on the PMD CPUs ${describeCpus(cpus)}: set cpuManagerPolicy to "static"`;
      return yield { path: policyField.path, severity: 'warning', message };
    }
    yield* judgeReserved(cpus, kubeletConfiguration.value);
    if (isUnread(cpuManagerState)) yield cpuManagerState;
  },
});

function* judgeAssigned(cpus: readonly number[], { assigned }: CpuManagerState): Iterable<Violation> {
  for (const { cpusField, pod, container, cpus: own } of assigned) {
    const taken = cpus.filter((cpu) => own.includes(cpu));
    if (taken.length === 0) continue;
    yield { path: cpusField.path, message: `container "${container}" of pod ${pod} has the PMD CPUs ${describeCpus(taken)} for itself` };
  }
}

/** What is not reserved goes to VMs with CPUs of their own; what is reserved goes to all other pods, unless that is strict. */
function* judgeReserved(cpus: readonly number[], kubelet: KubeletConfiguration): Iterable<Violation | Unknown> {
  const { reservedField, reservedSystemCpus, strictField, isReservationStrict } = kubelet;
  const open = cpus.filter((cpu) => !reservedSystemCpus.includes(cpu));
  const reserved = cpus.filter((cpu) => reservedSystemCpus.includes(cpu));
  if (open.length > 0)
    yield {
      path: reservedField.path,
      message: `the kubelet may give the PMD CPUs ${describeCpus(open)} to pods: add them to reservedSystemCPUs`,
    };
  if (reserved.length === 0) return;
  if (isUnread(isReservationStrict)) yield isReservationStrict;
  else if (!isReservationStrict.value) {
    const message = `pods without CPUs of their own may run on the PMD CPUs ${describeCpus(reserved)}: set cpuManagerPolicyOptions "strict-cpu-reservation" to "true"`;
    yield { path: strictField.path, severity: 'warning', message };
  }
}
