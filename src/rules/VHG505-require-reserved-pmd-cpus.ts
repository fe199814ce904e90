import { defineRule } from '../engine/rule.ts';
import { isUnread } from '../kube/host-fact.ts';
import { describeCpus, pmdCpus } from './pmd-mask.ts';

export const requireReservedPmdCpus = defineRule({
  meta: {
    id: 'VHG505',
    name: 'require-reserved-pmd-cpus',
    title: 'Require PMD CPUs that the kubelet gives to no pod',
    why: `The kubelet knows nothing of OVS. With the static CPU manager it hands out every CPU that is not in \`reservedSystemCPUs\`, so a VM
with dedicated CPUs gets one on which a PMD thread polls: both then run at half speed, and nothing says why. \`isolcpus\` does not hold
the kubelet back.`,
    remedy: `Add the CPUs to \`reservedSystemCPUs\` in the kubelet's configuration, drain the node, remove \`/var/lib/kubelet/cpu_manager_state\`
and restart the kubelet; or move the PMD threads with \`ovs-vsctl set Open_vSwitch . other_config:pmd-cpu-mask=MASK\`.`,
    severity: 'error',
    targets: ['host'],
    needs: [],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://kubernetes.io/docs/tasks/administer-cluster/cpu-management-policies/',
      'https://kubernetes.io/docs/tasks/administer-cluster/reserve-compute-resources/',
    ],
    falsePositives: 'A kubelet whose flags overrule its configuration file reserves other CPUs than are read here.',
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
    if (!isUnread(cpuManagerState))
      for (const { cpusField, pod, container, cpus: assigned } of cpuManagerState.value.assigned) {
        const taken = cpus.filter((cpu) => assigned.includes(cpu));
        if (taken.length === 0) continue;
        yield {
          path: cpusField.path,
          message: `container "${container}" of pod ${pod} has the PMD CPUs ${describeCpus(taken)} for itself`,
        };
      }
    if (isUnread(kubeletConfiguration)) return yield kubeletConfiguration;
    const { cpuManagerPolicy, reservedField, reservedSystemCpus } = kubeletConfiguration.value;
    const open = cpus.filter((cpu) => !reservedSystemCpus.includes(cpu));
    if (cpuManagerPolicy !== 'static' || open.length === 0) return;
    yield {
      path: reservedField.path,
      message: `the kubelet may give the PMD CPUs ${describeCpus(open)} to pods: add them to reservedSystemCPUs`,
    };
  },
});
