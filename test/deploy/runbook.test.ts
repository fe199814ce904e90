import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SECRETS } from '../../src/controller/secret-store.ts';
import { CONFIGURATION_NAME } from '../../src/controller/webhook-configurations.ts';
import { type Deployed, describeDeployed, kustomized, OVERLAYS } from '../support/kustomized.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const PAGES = ['docs/runbook.md', 'README.md'];
const PAGE = readFileSync('docs/runbook.md', 'utf8');

/** The lines of the shell blocks of both pages that run kubectl. */
const COMMANDS = PAGES.flatMap((page) => [...readFileSync(page, 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)])
  .flatMap(([, block = '']) => block.split('\n'))
  .filter((line) => line.startsWith('kubectl '));

/** A kubeconfig of a cluster that does not answer: kubectl reads its whole command line, and then cannot connect. */
function unreachable(): string {
  const file = join(temporaryDirectory(), 'kubeconfig');
  const cluster = { name: 'none', cluster: { server: 'http://127.0.0.1:9' } };
  const context = { name: 'none', context: { cluster: 'none', user: 'none' } };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [cluster],
    contexts: [context],
    'current-context': 'none',
    users: [{ name: 'none', user: {} }],
  };
  writeFileSync(file, JSON.stringify(config));
  return file;
}

/** What kubectl finds wrong in a command line, without a cluster. */
function complaintOf(command: string): string {
  const { stderr } = spawnSync('sh', ['-c', command], { encoding: 'utf8', env: { ...process.env, KUBECONFIG: unreachable() } });
  return /connection refused|connection to the server/i.test(stderr) ? '' : stderr || 'it did not ask the cluster';
}

describeDeployed('the commands of the runbook', () => {
  test.for(COMMANDS.map((command) => [command] as const))('%s', ([command]) => {
    expect(complaintOf(command)).toBe('');
  });

  test.for([
    ['kubectl scale deployment a --replicas=none'],
    ['kubectl remove pod a'],
    ['kubectl get pods --al'],
    ['kubectl apply -k deploy/none'],
  ])('%s would be found to be wrong', ([command = '']) => {
    expect(complaintOf(command)).not.toBe('');
  });
});

describe('the runbook', () => {
  test('begins with the off-switch, which names what is registered', () => {
    const [, first = ''] = /```sh\n([\s\S]*?)```/.exec(PAGE) ?? [];
    expect(first.split('\n').slice(0, 3)).toEqual([
      'kubectl -n vhostguard scale deployment vhostguard-controller --replicas=0',
      `kubectl delete validatingwebhookconfiguration ${CONFIGURATION_NAME}`,
      `kubectl delete mutatingwebhookconfiguration ${CONFIGURATION_NAME}`,
    ]);
  });

  test('names only Deployments, Secrets and overlays that there are', () => {
    const objects: readonly Deployed[] = kustomized('overlays/default');
    const names = [...COMMANDS.join('\n').matchAll(/(?:deployment[ /]|secret )([a-z-]+)/g)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(8);
    const known = [...objects.filter(({ kind }) => kind === 'Deployment').map(({ metadata }) => metadata.name), ...Object.values(SECRETS)];
    if (objects.length > 0) for (const name of names) expect(known).toContain(name);
    for (const [, overlay] of PAGE.matchAll(/deploy\/overlays\/([\w-]+)/g))
      expect([...OVERLAYS, 'host-agent', 'host-agent-openshift']).toContain(overlay);
  });
});
