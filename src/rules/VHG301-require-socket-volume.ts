import type { Field } from '../core/field.ts';
import { quote } from '../core/json.ts';
import type { Violation } from '../engine/finding.ts';
import { defineRule } from '../engine/rule.ts';
import { type LauncherPod, SOCKET_VOLUME_NAME } from '../kube/launcher-pod.ts';
import { joinPath } from './socket-path.ts';
import { configuredVolume, readSocketVolume } from './socket-volume.ts';

export const requireSocketVolume = defineRule({
  meta: {
    id: 'VHG301',
    name: 'require-socket-volume',
    title: 'Require the socket directory in the virt-launcher pod',
    why: `The CNI looks for a volume called \`shared-dir\`, an emptyDir or a hostPath, and has OVS expect the socket there; QEMU makes the
socket in the \`compute\` container. KubeVirt adds neither the volume nor the mount. Without them the two look in different directories:
QEMU waits for OVS, OVS for QEMU, and the VM never starts.`,
    remedy: `Add the volume \`shared-dir\` (setting \`socket.volume\`) and mount it in the container \`compute\` (setting \`socket.mountPath\`).
Admission does both by itself.`,
    severity: 'error',
    targets: ['pod'],
    needs: [],
    fix: 'safe',
    since: '0.1.0',
    sources: [
      'https://github.com/intel/userspace-cni-network-plugin/blob/master/pkg/annotations/annotations.go',
      'https://github.com/kubevirt/kubevirt/blob/main/pkg/virt-controller/services/rendervolumes.go',
    ],
    falsePositives: 'A binding plugin with a CNI of its own, other than the userspace CNI, may bring the directory in another way.',
    example: {
      file: 'virt-launcher-pod.yaml',
      good: '      volumeMounts:\n        - name: shared-dir\n          mountPath: /var/lib/cni/usrspcni/\n',
      bad: '',
    },
  },
  *check(pod, { settings: { socket } }) {
    yield* checkVolume(pod, configuredVolume(SOCKET_VOLUME_NAME, socket));
    yield* checkMount(pod, socket.mountPath);
  },
});

function* checkVolume({ spec, socketVolume }: LauncherPod, wanted: unknown): Iterable<Violation> {
  const volumes = spec.get('volumes');
  if (socketVolume === undefined) {
    const message = `the pod has no volume "${SOCKET_VOLUME_NAME}", in which OVS and QEMU meet: add it as an emptyDir or a hostPath`;
    if (isListOrUnset(volumes)) yield { path: volumes.path, message, fix: appendFix('volume', volumes, wanted) };
    return;
  }
  const volume = readSocketVolume(socketVolume);
  if (volume.source !== 'unsupported') return;
  const source = quote(volume.field.path.at(-1));
  yield {
    path: volume.field.path,
    message: `volume "${SOCKET_VOLUME_NAME}" must be an emptyDir or a hostPath, the CNI overlooks ${source}`,
  };
}

function* checkMount({ spec, compute, socketMount }: LauncherPod, mountPath: string): Iterable<Violation> {
  if (socketMount !== undefined) return;
  const containers = spec.get('containers');
  if (compute === undefined) {
    const message = `the pod has no container "compute" to mount "${SOCKET_VOLUME_NAME}" in: KubeVirt runs QEMU there`;
    if (isListOrUnset(containers)) yield { path: containers.path, message };
    return;
  }
  const mounts = compute.get('volumeMounts');
  if (!isListOrUnset(mounts)) return;
  const wanted = joinPath(mountPath);
  const occupant = mounts.items().find((mount) => isAt(mount.get('mountPath').value, wanted));
  const message = `the container "compute" must mount "${SOCKET_VOLUME_NAME}" at ${quote(mountPath)}`;
  if (occupant !== undefined)
    yield { path: occupant.get('mountPath').path, message: `${message}, where it mounts ${quote(occupant.get('name').value)}: move that` };
  else yield { path: mounts.path, message, fix: appendFix('mount', mounts, { name: SOCKET_VOLUME_NAME, mountPath }) };
}

/** Of any other type VHG100 complains, and nothing can be appended to it. */
function isListOrUnset(field: Field): boolean {
  return !field.isSet || Array.isArray(field.value);
}

function isAt(path: unknown, wanted: string): boolean {
  return typeof path === 'string' && joinPath(path) === wanted;
}

function appendFix(what: string, list: Field, value: unknown): NonNullable<Violation['fix']> {
  return { title: `add the ${what} "${SOCKET_VOLUME_NAME}"`, safety: 'safe', edits: [{ op: 'append', path: list.path, value }] };
}
