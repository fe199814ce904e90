import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { AppError } from '../core/errors.ts';

/** What Kubernetes puts into each container. @see https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/ */
const DIRECTORY = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The API server of the cluster of the pod this runs in. @throws AppError CLUSTER_UNREACHABLE outside of a pod */
export function serverOfPod(): string {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = process.env;
  if (host === undefined)
    throw new AppError('CLUSTER_UNREACHABLE', 'this is no pod of a cluster: $KUBERNETES_SERVICE_HOST is not set', {
      hint: 'outside of a cluster name a kubeconfig, with --kubeconfig',
    });
  return `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

/** What a pod proves itself with, and whom it trusts, as both are now: the kubelet renews them. @param root where `/` of the container is */
export async function readServiceAccount(root: string): Promise<{ readonly token: string; readonly ca: string }> {
  const read = (name: string): Promise<string> => readFile(`${root}${DIRECTORY}/${name}`, 'utf8');
  const [token, ca] = await Promise.all([read('token'), read('ca.crt')]);
  return { token: token.trim(), ca };
}
