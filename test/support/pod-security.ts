import type { V1PodSpec } from '@kubernetes/client-node';

const VOLUMES = ['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'persistentVolumeClaim', 'projected', 'secret'];

/**
 * What the pod security standard "restricted" refuses in a pod.
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */
export function notRestricted(spec: V1PodSpec): string[] {
  const { securityContext: pod = {} } = spec;
  const faults = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((field) => spec[field] === true).map((field) => `${field}: true`);
  for (const { name, ...source } of spec.volumes ?? []) {
    faults.push(...Object.keys(source).flatMap((type) => (VOLUMES.includes(type) ? [] : [`volume ${name}: ${type}`])));
  }
  for (const { name, ports = [], securityContext: own = {} } of [...(spec.initContainers ?? []), ...spec.containers]) {
    const fault = (what: string, isFault: boolean): void => void (isFault && faults.push(`container ${name}: ${what}`));
    fault('runAsNonRoot', (own.runAsNonRoot ?? pod.runAsNonRoot) !== true);
    fault('runAsUser', (own.runAsUser ?? pod.runAsUser) === 0);
    fault('seccompProfile', (own.seccompProfile ?? pod.seccompProfile)?.type !== 'RuntimeDefault');
    fault('privileged', own.privileged === true);
    fault('allowPrivilegeEscalation', own.allowPrivilegeEscalation !== false);
    fault('capabilities', own.capabilities?.drop?.includes('ALL') !== true || (own.capabilities.add ?? []).length > 0);
    fault(
      'hostPort',
      ports.some(({ hostPort }) => hostPort !== undefined),
    );
  }
  return faults;
}
