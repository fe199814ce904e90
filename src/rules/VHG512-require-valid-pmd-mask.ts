import { quote } from '../core/json.ts';
import type { Violation } from '../engine/finding.ts';
import { defineRule } from '../engine/rule.ts';
import type { Host } from '../kube/host.ts';
import { isUnread } from '../kube/host-fact.ts';
import { cpusOfList, cpusOfMask, describeCpus, isMask, maskIn, maskOf, withoutAbsent } from './pmd-mask.ts';

export const requireValidPmdMask = defineRule({
  meta: {
    id: 'VHG512',
    name: 'require-valid-pmd-mask',
    title: 'Require a pmd-cpu-mask that names CPUs of this host',
    why: `OVS takes any text for \`pmd-cpu-mask\` and complains only in its log. A CPU list is read as hexadecimal digits: \`2,3\` means CPUs 0, 1
and 9. A digit that is none counts as 0, a CPU that does not exist is dropped, and when nothing is left no queue is polled at all. Half a
physical core leaves its sibling to other work, which slows the PMD thread down. Without a mask, and with an
empty one, PMD threads take the first core of each node.`,
    remedy:
      '`ovs-vsctl set Open_vSwitch . other_config:pmd-cpu-mask=MASK`, where the bit 2^n stands for CPU n: CPUs 2,3,26,27 are `c00000c`.',
    severity: 'error',
    targets: ['host'],
    needs: [],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://docs.openvswitch.org/en/latest/topics/dpdk/pmd/',
      'https://github.com/openvswitch/ovs/blob/main/lib/ovs-numa.c',
      'https://www.openvswitch.org/support/dist-docs/ovs-vswitchd.conf.db.5.html',
    ],
    falsePositives: 'A host without simultaneous multithreading has no siblings; where the topology is not known they are not asked for.',
    example: {
      file: 'host-snapshot.yaml',
      good: '        pmd-cpu-mask: c0c\n',
      bad: '        pmd-cpu-mask: "2,3,10,11"\n',
    },
  },
  *check(host) {
    const { configuration } = host.ovs;
    if (isUnread(configuration)) return yield configuration;
    const { isSet, path } = configuration.value.otherConfigField.get('pmd-cpu-mask');
    const mask = maskIn(configuration.value);
    const fault = mask === undefined ? faultOfNone(isSet) : (faultOfText(mask) ?? faultOfCpus(cpusOfMask(mask), mask, host));
    if (fault !== undefined) yield { path, ...fault };
    else if (isUnread(host.cpus)) yield host.cpus;
  },
});

type Fault = Omit<Violation, 'path'>;

function faultOfNone(isSet: boolean): Fault {
  const how = isSet ? 'empty, which is to OVS as if it were not set' : 'not set';
  const message = `pmd-cpu-mask is ${how}, so PMD threads share the first core of each NUMA node with the rest of the host: set it`;
  return { severity: 'warning', message };
}

function faultOfText(mask: string): Fault | undefined {
  if (isMask(mask)) return undefined;
  const read = cpusOfMask(mask);
  const means = read.length === 0 ? 'no CPU' : `CPUs ${describeCpus(read)}`;
  const meant = cpusOfList(mask);
  if (meant === undefined) return { message: `pmd-cpu-mask ${quote(mask)} has digits that are not hexadecimal, so it means ${means}` };
  return { message: `pmd-cpu-mask ${quote(mask)} is a CPU list, which OVS reads as ${means}: set ${quote(maskOf(meant))}` };
}

function faultOfCpus(cpus: readonly number[], mask: string, host: Host): Fault | undefined {
  if (cpus.length === 0) return { message: `pmd-cpu-mask ${quote(mask)} names no CPU, so no queue is polled` };
  if (isUnread(host.cpus)) return undefined;
  const { cores } = host.cpus.value;
  const present = withoutAbsent(cpus, host);
  const absent = cpus.filter((cpu) => !present.includes(cpu));
  if (absent.length > 0) return { message: `pmd-cpu-mask ${quote(mask)} names CPUs that are not online: ${describeCpus(absent)}` };
  const siblings = cores.filter((core) => core.some((cpu) => cpus.includes(cpu))).flat();
  if (siblings.every((cpu) => cpus.includes(cpu))) return undefined;
  const whole = maskOf([...cpus, ...siblings]);
  return { severity: 'warning', message: `pmd-cpu-mask ${quote(mask)} takes half of a physical core: set ${quote(whole)} for whole cores` };
}
