import { quote } from '../core/json.ts';
import { defineRule } from '../engine/rule.ts';
import { isWithin, joinPath, MOUNT_BASE } from './socket-path.ts';

export const forbidCollidingSharedDir = defineRule({
  meta: {
    id: 'VHG208',
    name: 'forbid-colliding-shared-dir',
    title: "Forbid a sharedDir in the CNI's own mount directory",
    why: `The CNI mounts the emptyDirs of pods below \`/var/lib/vhost_sockets/\` and recognises its mounts by that path alone. A socket
directory of your own there is taken for one of them: when a pod starts it is mounted onto itself, and when the pod goes the CNI unmounts
and removes it, or fails to and leaves the pod \`Terminating\`.`,
    remedy: 'Move `sharedDir` elsewhere, for example to `/var/run/usrspcni`.',
    severity: 'error',
    targets: ['network'],
    needs: [],
    fix: 'none',
    since: '0.1.0',
    sources: ['https://github.com/intel/userspace-cni-network-plugin/blob/master/cniovs/cniovs.go'],
    falsePositives: 'A `sharedDir` counts only for pods without a `shared-dir` volume, which other webhooks may add.',
    example: {
      file: 'network-default.yaml',
      good: '      "logFile": "/var/log/userspace-ovs-net-1-cni.log",\n',
      bad: '      "sharedDir": "/var/lib/vhost_sockets/",\n',
    },
  },
  *check({ userspace }) {
    const shared = userspace?.getFold('sharedDir');
    const directory = shared?.string() ?? '';
    if (shared === undefined || directory === '' || !isWithin(joinPath(directory), MOUNT_BASE)) return;
    yield {
      path: shared.path,
      message: `sharedDir ${quote(directory)} is where the CNI keeps its own mounts: use a directory outside ${MOUNT_BASE}`,
    };
  },
});
