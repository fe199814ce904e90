import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { openKubeconfig } from '../../src/cluster/kubeconfig.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

function open(files: Readonly<Record<string, string>>): ReturnType<typeof openKubeconfig> {
  const root = temporaryDirectory();
  const directory = join(root, 'var/run/secrets/kubernetes.io/serviceaccount');
  mkdirSync(directory, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return openKubeconfig({ isInCluster: true, serviceAccountRoot: root, timeoutMs: 5000 });
}

describe('the service account of a pod', () => {
  beforeEach(() => {
    vi.stubEnv('KUBERNETES_SERVICE_HOST', '10.0.0.1');
    vi.stubEnv('KUBERNETES_SERVICE_PORT', '6443');
    onTestFinished(() => void vi.unstubAllEnvs());
  });

  test('is a server, a CA, and a token without the newline that a file may end with', async () => {
    const access = await open({ token: 'secret\n', 'ca.crt': 'the CA' })();
    expect(access.server).toBe('https://10.0.0.1:6443');
    expect(access.requestOptions).toMatchObject({ ca: 'the CA', agent: { options: { ca: 'the CA' } } });
    expect(access.requestOptions.headers).toMatchObject({ Authorization: 'Bearer secret' });
  });

  test('leads to a server that has an IPv6 address', async () => {
    vi.stubEnv('KUBERNETES_SERVICE_HOST', 'fd00::1');
    expect((await open({ token: 'secret', 'ca.crt': 'the CA' })()).server).toBe('https://[fd00::1]:6443');
  });

  test('without a token gives no credentials, and says which file is missing', async () => {
    await expect(open({ 'ca.crt': 'the CA' })()).rejects.toMatchObject({
      code: 'CLUSTER_UNREACHABLE',
      message: expect.stringMatching(/^the service account of this pod gives no usable credentials: .*serviceaccount\/token/),
    });
  });

  test('is none outside of a pod', () => {
    vi.stubEnv('KUBERNETES_SERVICE_HOST', undefined);
    expect(() => open({})).toThrow('this is no pod of a cluster: $KUBERNETES_SERVICE_HOST is not set');
  });
});
