import type { Field } from '../core/field.ts';
import { isObject } from '../core/json.ts';
import type { Violation } from '../engine/finding.ts';
import { defineRule } from '../engine/rule.ts';

export const requireSocketGroupMembership = defineRule({
  meta: {
    id: 'VHG302',
    name: 'require-socket-group-membership',
    title: "Require QEMU's membership in the group of the sockets",
    why: `QEMU runs as 107:107 in the virt-launcher pod. It can make its socket in a directory of group \`hugetlbfs\` only as a member of that
group, and KubeVirt sets no supplementary groups. A supplementary group lets QEMU into the directory; it does not give the socket the
group, for which VHG209 and VHG306 ask. With \`group.as: primary\` every file that QEMU makes has the group, as the \`group\` of qemu.conf did.`,
    remedy: `Add the group's id (setting \`group.gid\`) to \`securityContext.supplementalGroups\` of the pod; with \`group.as: primary\` also
make it the \`runAsGroup\` of the pod and of the container \`compute\`. Admission does it by itself.`,
    severity: 'error',
    targets: ['pod'],
    needs: [],
    fix: 'safe',
    since: '0.1.0',
    sources: [
      'https://kubernetes.io/docs/tasks/configure-pod-container/security-context/',
      'https://github.com/openvswitch/ovs/blob/main/rhel/openvswitch-fedora.spec.in',
    ],
    falsePositives: 'An OVS that runs as root, over directories that QEMU may write to without the group, does not need it.',
    example: {
      file: 'virt-launcher-pod.yaml',
      good: '    supplementalGroups:\n      - 801\n',
      bad: '',
    },
  },
  *check({ spec, compute }, { settings: { group } }) {
    const context = spec.get('securityContext');
    const groups = context.get('supplementalGroups');
    const isMember = groups.items().some(({ value }) => value === group.gid);
    if (!isMember && isUnsetOr(context, isObject) && isUnsetOr(groups, Array.isArray))
      yield {
        path: groups.path,
        message: `QEMU must be a member of group ${group.gid} (${group.name}): add it to securityContext.supplementalGroups`,
        fix: {
          title: `add group ${group.gid} to supplementalGroups`,
          safety: 'safe',
          edits: [{ op: 'append', path: groups.path, value: group.gid }],
        },
      };
    if (group.as !== 'primary') return;
    if (isUnsetOr(context, isObject) && context.get('runAsGroup').value !== group.gid) yield makePrimary(context, 'pod', group);
    const own = compute?.get('securityContext').get('runAsGroup');
    if (compute !== undefined && own?.isSet && own.value !== group.gid) yield makePrimary(compute.get('securityContext'), 'compute', group);
  },
});

/** The one fix that replaces a value: KubeVirt's own 107, and only where the settings ask for it. */
function makePrimary(context: Field, where: string, { gid, name }: { readonly gid: number; readonly name: string }): Violation {
  const { path } = context.get('runAsGroup');
  return {
    path,
    message: `QEMU must run in group ${gid} (${name}), as the setting group.as: primary asks: set runAsGroup of ${where} to ${gid}`,
    fix: { title: `set runAsGroup of ${where} to ${gid}`, safety: 'safe', edits: [{ op: 'set', path, value: gid }] },
  };
}

/** Of any other type VHG100 complains, and nothing can be put into it. */
function isUnsetOr(field: Field, isFit: (value: unknown) => boolean): boolean {
  return !field.isSet || isFit(field.value);
}
