import { execFile, spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';

/** What a run of kubectl came to. */
export interface KubectlResult {
  readonly ok: boolean;
  readonly stdout: string;
  /** Warnings of admission stand here. */
  readonly stderr: string;
}

export type Kubectl = (args: readonly string[], stdin?: string | object) => Promise<KubectlResult>;

/** True where kubectl can be run. */
export function hasKubectl(command = 'kubectl'): boolean {
  return spawnSync(command, ['version', '--client']).status === 0;
}

/** kubectl for one cluster, with what it remembers of it beside the kubeconfig: another cluster may have had the same port. An object as `stdin` is passed as JSON. */
export function kubectlFor(kubeconfig: string, command: string): Kubectl {
  const cluster = ['--kubeconfig', kubeconfig, '--cache-dir', join(dirname(kubeconfig), 'kubectl-cache'), '--request-timeout', '20s'];
  return (args, stdin = '') =>
    new Promise((resolve) => {
      const child = execFile(command, [...cluster, ...args], { timeout: 60_000 }, (error, stdout, stderr) => {
        resolve({ ok: error === null, stdout, stderr });
      });
      // kubectl may end before it has read all of it.
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(typeof stdin === 'string' ? stdin : JSON.stringify(stdin));
    });
}
