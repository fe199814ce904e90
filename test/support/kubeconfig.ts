import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { TOKEN } from './fake-api-server.ts';

/** A file with `text` in a directory of its own, until the test that asks for it is over. @returns its path */
export function temporaryFile(name: string, text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'vhostguard-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, name);
  writeFileSync(file, text);
  return file;
}

interface KubeconfigParts {
  readonly server: string;
  readonly cluster?: object;
  readonly user?: object;
}

/** A kubeconfig file whose current context is `lab`. @returns its path */
export function kubeconfigFor({ server, cluster = {}, user = { token: TOKEN } }: KubeconfigParts): string {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'lab',
    contexts: [{ name: 'lab', context: { cluster: 'lab-cluster', user: 'lab-user' } }],
    clusters: [{ name: 'lab-cluster', cluster: { server, ...cluster } }],
    users: [{ name: 'lab-user', user }],
  };
  return temporaryFile('kubeconfig', JSON.stringify(config, undefined, 2));
}

/** The part of a kubeconfig that makes a CA trusted. */
export function trusting(ca: string): object {
  return { 'certificate-authority-data': Buffer.from(ca).toString('base64') };
}
