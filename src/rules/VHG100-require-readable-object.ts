import { defineRule } from '../engine/rule.ts';

export const requireReadableObject = defineRule({
  meta: {
    id: 'VHG100',
    name: 'require-readable-object',
    title: 'Require the shape that the API defines',
    why: `A field of the wrong type is refused by the API server, or read as if it were absent; in a CNI configuration the plugin fails when
the pod starts. The other rules cannot judge what lies below such a field.`,
    remedy: 'Give the field the type that the message names.',
    severity: 'error',
    targets: ['workload', 'preset', 'network', 'pod', 'host', 'unreadable'],
    needs: [],
    fix: 'none',
    since: '0.1.0',
    sources: ['https://kubevirt.io/api-reference/', 'https://github.com/intel/userspace-cni-network-plugin/blob/master/pkg/types/types.go'],
    falsePositives: 'None known: only fields that rules read are checked, against the type that every served version has.',
    example: {
      file: 'virtual-machine.yaml',
      good: '          cores: 4\n',
      bad: '          cores: four\n',
    },
  },
  *check({ problems }) {
    for (const { path, expected, actual } of problems) yield { path, message: `this must be ${expected}, not ${actual}` };
  },
});
