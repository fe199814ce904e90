import { quote } from '../core/json.ts';
import { defineRule } from '../engine/rule.ts';
import { readSocketVolume } from './socket-volume.ts';

/** @see https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
const ENFORCE = 'pod-security.kubernetes.io/enforce';
const WITHOUT_HOST_PATH: readonly unknown[] = ['baseline', 'restricted'];

export const forbidHostpathUnderPodSecurity = defineRule({
  meta: {
    id: 'VHG304',
    name: 'forbid-hostpath-under-pod-security',
    title: 'Forbid a hostPath socket directory where pod security refuses it',
    why: `The Pod Security Standards \`baseline\` and \`restricted\` allow no hostPath volumes. In a namespace that enforces one of them the API
server refuses the virt-launcher pod, also when a webhook added the volume, and the VM stays in \`Scheduling\` with the reason in the events
of its VirtualMachineInstance only.`,
    remedy:
      'Use an emptyDir (setting `socket.volume`), which every level allows, or run these VMs in a namespace that enforces `privileged`.',
    severity: 'warning',
    targets: ['pod'],
    needs: ['namespaceLabels'],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://kubernetes.io/docs/concepts/security/pod-security-standards/',
      'https://kubernetes.io/docs/concepts/security/pod-security-admission/',
    ],
    falsePositives: "Pod Security may be configured to exempt KubeVirt's service account or the namespace.",
    example: {
      file: 'cluster.yaml',
      good: '    pod-security.kubernetes.io/enforce: privileged\n',
      bad: '    pod-security.kubernetes.io/enforce: baseline\n',
    },
  },
  *check({ namespace, socketVolume }, { inventory }) {
    const volume = socketVolume && readSocketVolume(socketVolume);
    if (volume?.source !== 'hostPath') return;
    const { path } = volume.path;
    const labels = inventory.namespaceLabels(namespace);
    if (labels.state === 'unknown') yield { path, unknown: labels.reason };
    if (labels.state !== 'found') return;
    const level = Object.hasOwn(labels.value, ENFORCE) ? labels.value[ENFORCE] : undefined;
    if (!WITHOUT_HOST_PATH.includes(level)) return;
    yield {
      path,
      message: `namespace ${quote(namespace)} enforces pod security ${quote(level)}, which allows no hostPath: use an emptyDir for the sockets`,
    };
  },
});
