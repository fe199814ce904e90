import { execFile, spawnSync } from 'node:child_process';

/** What a run of kubectl came to. */
export interface KubectlResult {
  readonly ok: boolean;
  readonly stdout: string;
  /** Warnings of admission stand here. */
  readonly stderr: string;
}

export type Kubectl = (args: readonly string[], stdin?: string | object) => Promise<KubectlResult>;

/** True where kubectl is installed. */
export function hasKubectl(): boolean {
  return spawnSync('kubectl', ['version', '--client']).status === 0;
}

/** kubectl for one cluster. An object as `stdin` is passed as JSON. */
export function kubectlFor(kubeconfig: string): Kubectl {
  return (args, stdin = '') =>
    new Promise((resolve) => {
      const child = execFile(
        'kubectl',
        ['--kubeconfig', kubeconfig, '--request-timeout', '20s', ...args],
        { timeout: 60_000 },
        (error, stdout, stderr) => {
          resolve({ ok: error === null, stdout, stderr });
        },
      );
      // kubectl may end before it has read all of it.
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(typeof stdin === 'string' ? stdin : JSON.stringify(stdin));
    });
}
