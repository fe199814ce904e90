import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** The binaries of a control plane. */
export interface Assets {
  readonly etcd: string;
  readonly apiServer: string;
  /** The one that came with them, or that of the PATH. */
  readonly kubectl: string;
}

/** Where envtest looks: `$KUBEBUILDER_ASSETS`, then the directories into which `setup-envtest` puts its versions, the newest first. */
export function findAssets(): Assets | undefined {
  const data = process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local/share');
  const versions = ['kubebuilder-envtest/k8s', 'io.kubebuilder.envtest/k8s'].flatMap((name) => versionsIn(join(data, name)));
  const directories = [process.env['KUBEBUILDER_ASSETS'], ...versions, '/usr/local/kubebuilder/bin'];
  for (const directory of directories) {
    if (directory === undefined || directory === '') continue;
    const [etcd, apiServer, kubectl] = ['etcd', 'kube-apiserver', 'kubectl'].map((name) => resolve(directory, name));
    if (etcd === undefined || apiServer === undefined || kubectl === undefined) continue;
    if (existsSync(etcd) && existsSync(apiServer)) return { etcd, apiServer, kubectl: existsSync(kubectl) ? kubectl : 'kubectl' };
  }
  return undefined;
}

function versionsIn(directory: string): string[] {
  if (!existsSync(directory)) return [];
  const names = readdirSync(directory).sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  return names.map((name) => join(directory, name));
}
