import { defineRule } from '../engine/rule.ts';
import { type Fact, isUnread } from '../kube/host-fact.ts';
import { describeCpus, pmdCpus } from './pmd-mask.ts';

export const requireIsolatedPmdCpus = defineRule({
  meta: {
    id: 'VHG504',
    name: 'require-isolated-pmd-cpus',
    title: 'Require CPUs for PMD threads that the kernel leaves alone',
    why: `A PMD thread polls without pause. What the scheduler puts onto its CPU, and each timer tick there, takes time in which a queue of
2048 packets overflows: at 10 Gb/s it fills within 140 microseconds. \`isolcpus\` keeps other tasks away, \`nohz_full\` the tick.`,
    remedy:
      'Add `isolcpus=managed_irq,domain,LIST nohz_full=LIST rcu_nocbs=LIST` to the kernel\'s arguments (`grubby --update-kernel=ALL --args="…"`) and reboot, or let a PerformanceProfile do so.',
    severity: 'warning',
    targets: ['host'],
    needs: [],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://docs.openvswitch.org/en/latest/intro/install/dpdk/',
      'https://docs.kernel.org/admin-guide/kernel-parameters.html',
      'https://github.com/openshift/cluster-node-tuning-operator/blob/master/docs/performanceprofile/performance_profile.md',
    ],
    falsePositives:
      'The kernel lists neither the CPUs of `isolcpus=managed_irq` without `domain`, which is what a PerformanceProfile without `balanceIsolated: false` gives it, nor those of a cgroup partition, which `spec.cpu.ovsDpdk` makes; and older Node Tuning Operators set `nohz_full` with the hint `realTime` only.',
    example: {
      file: 'host-snapshot.yaml',
      good: '    isolated: [2, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 15]\n',
      bad: '    isolated: [4, 5, 6, 7, 12, 13, 14, 15]\n',
    },
  },
  *check(host) {
    const pmd = pmdCpus(host);
    if (isUnread(pmd)) return yield pmd;
    if (isUnread(host.cpus)) return yield host.cpus;
    const { isolated, nohzFull } = host.cpus.value;
    const lacks = [...lackOf('isolcpus', isolated, pmd.value.cpus), ...lackOf('nohz_full', nohzFull, pmd.value.cpus)];
    if (lacks.length > 0)
      yield { path: pmd.value.path, message: `PMD threads share CPUs with the kernel's work: add ${lacks.join(' and ')}` };
    else if (isUnread(isolated)) yield isolated;
    else if (isUnread(nohzFull)) yield nohzFull;
  },
});

function lackOf(argument: string, fact: Fact<readonly number[]>, pmd: readonly number[]): string[] {
  if (isUnread(fact)) return [];
  const missing = pmd.filter((cpu) => !fact.value.includes(cpu));
  return missing.length === 0 ? [] : [`CPUs ${describeCpus(missing)} to ${argument}`];
}
