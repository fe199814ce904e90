import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readManifests } from '../../src/manifest/read.ts';
import { capturedFiles, hostTree } from '../support/host-tree.ts';
import { runCli } from '../support/run-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

function snapshot(...flags: readonly string[]) {
  const root = hostTree({ ...capturedFiles('two-numa-iommu-1g'), '/etc/hostname': 'worker-0\n' });
  return runCli(['host', 'snapshot', '--root', root, '--timeout', '1', ...flags]);
}

test('a host without OVS gives a snapshot that says so, and can be read back', async () => {
  const { exitCode, stdout, stderr } = await snapshot();
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(stdout).toContain('\n    online: [0, 1, 2, 3, 4, 5, 6, 7]\n');
  const { manifests, errors } = readManifests(stdout, 'host.yaml');
  expect(errors).toEqual([]);
  expect(manifests.map(({ object }) => object)).toMatchObject([
    {
      apiVersion: 'vhostguard.dev/v1alpha1',
      kind: 'HostSnapshot',
      metadata: { name: 'worker-0' },
      spec: {
        version: 1,
        capturedAt: '2026-11-22T12:00:00.000Z',
        numaNodes: [{ id: 0 }, { id: 1 }],
        ovs: { database: { state: 'absent', reason: 'there is no such file' }, control: { state: 'absent' } },
      },
    },
  ]);
});

test('a snapshot goes to a file, with the name and the devices that were asked for', async () => {
  const file = join(temporaryDirectory(), 'host.yaml');
  const { exitCode, stdout } = await snapshot('-o', file, '--name', 'node-7', '--pci', '5E:00.1', '0000:00:01.0');
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' });
  const [manifest] = readManifests(readFileSync(file, 'utf8'), file).manifests;
  expect(manifest?.object).toMatchObject({
    metadata: { name: 'node-7' },
    spec: { pciDevices: [{ address: '0000:00:01.0' }, { address: '0000:00:02.0' }, { address: '0000:5e:00.1', isPresent: false }] },
  });
});

test('a socket is also taken in the form that ovs-vsctl takes', async () => {
  const { stdout } = await snapshot('--ovsdb', 'unix:/nonexistent/db.sock');
  expect(stdout).toContain('path: /nonexistent/db.sock');
});

test.each([
  [['--timeout', '0'], '--timeout must be seconds, more than 0 and at most 600, not "0"'],
  [['--timeout', ''], '--timeout must be seconds'],
  [['--timeout', '5s'], '--timeout must be seconds'],
  [['--timeout', 'Infinity'], '--timeout must be seconds'],
  [['--pci', 'eth0'], '--pci must be an address such as 0000:18:00.0, not "eth0"'],
  [['-o', '/nonexistent/host.yaml'], 'cannot write /nonexistent/host.yaml'],
])('%j is refused with what is needed', async (flags, message) => {
  const { exitCode, stderr } = await snapshot(...flags);
  expect(exitCode).toBeGreaterThanOrEqual(2);
  expect(stderr).toContain(message);
  expect(stderr).not.toMatch(/^\s+at /m);
});
