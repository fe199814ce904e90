import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The binaries of a control plane. */
export interface Assets {
  readonly etcd: string;
  readonly apiServer: string;
}

/** Where envtest looks: `$KUBEBUILDER_ASSETS`, then the directories into which `setup-envtest` puts its versions, the newest first. */
export function findAssets(): Assets | undefined {
  const data = process.env['XDG_DATA_HOME'] ?? join(homedir(), '.local/share');
  const versions = ['kubebuilder-envtest/k8s', 'io.kubebuilder.envtest/k8s'].flatMap((name) => versionsIn(join(data, name)));
  const directories = [process.env['KUBEBUILDER_ASSETS'], ...versions, '/usr/local/kubebuilder/bin'];
  for (const directory of directories) {
    if (directory === undefined || directory === '') continue;
    const assets = { etcd: join(directory, 'etcd'), apiServer: join(directory, 'kube-apiserver') };
    if (existsSync(assets.etcd) && existsSync(assets.apiServer)) return assets;
  }
  return undefined;
}

function versionsIn(directory: string): string[] {
  if (!existsSync(directory)) return [];
  const names = readdirSync(directory).sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  return names.map((name) => join(directory, name));
}
