import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { runCli } from '../support/run-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const LABEL = 'network.operator.openshift.io/external-openvswitch';

/** A VMI whose node selector is shared with its labels: an edit there would change both. */
const SHARING = `apiVersion: kubevirt.io/v1
kind: VirtualMachineInstance
metadata:
  name: sharing
  labels: &labels {rack: "7"}
spec:
  nodeSelector: *labels # as labelled
  domain:
    machine: {type: q35}
    cpu: {dedicatedCpuPlacement: true}
    memory: {guest: 1Gi, hugepages: {pageSize: 1Gi}}
    devices: {interfaces: [{name: dpdk, binding: {name: vhostuser}}]}
  networks: [{name: dpdk, multus: {networkName: ovs-net}}]
`;
const OTHER = '# kept\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\n';

async function mutate(texts: Readonly<Record<string, string>>) {
  const directory = temporaryDirectory();
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(directory, name), text);
  return runCli(['mutate', ...Object.keys(texts).map((name) => join(directory, name))]);
}

function objectsIn(stdout: string): unknown[] {
  return parseAllDocuments(stdout).map((document) => document.toJS() as unknown);
}

describe('mutate', () => {
  test.for([['sharing.yaml', 'other.yaml'] as const, ['other.yaml', 'sharing.yaml'] as const])(
    'prints what cannot be edited in place as an object, and the rest as it is: %j',
    async (names) => {
      const texts = { 'sharing.yaml': SHARING, 'other.yaml': OTHER };
      const { exitCode, stdout, stderr } = await mutate(Object.fromEntries(names.map((name) => [name, texts[name]])));
      expect(exitCode).toBe(0);
      expect(stderr).toContain('note: printed without its comments: ');
      expect(stdout).toContain(OTHER);
      expect(objectsIn(stdout)).toContainEqual(
        expect.objectContaining({
          metadata: { name: 'sharing', labels: { rack: '7' } },
          spec: expect.objectContaining({ nodeSelector: { rack: '7', [LABEL]: '' } }),
        }),
      );
    },
  );

  test('prints no part that cannot be read, and says so', async () => {
    const { exitCode, stdout, stderr } = await mutate({ 'a.yaml': `${OTHER}---\nkind: [\n`, 'b.yaml': 'kind: [\n', 'c.yaml': OTHER });
    expect(exitCode).toBe(3);
    expect(objectsIn(stdout)).toEqual([1, 2].map(() => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'other' } })));
    expect(stderr).toContain('parts of it cannot be read and are left out');
  });
});
