import { describe, expect, test } from 'vitest';
import { specOf } from '../support/gathered-host.ts';
import { hostTree } from '../support/host-tree.ts';

describe('the kubelet', () => {
  const STATE = '{"policyName":"static","defaultCpuSet":"0-1,4","entries":{"pod-1":{"compute":"2-3"}},"checksum":1}';

  test('says which CPUs it leaves to the system and which it gave away', async () => {
    const configuration = [
      ...['kind: KubeletConfiguration', 'apiVersion: kubelet.config.k8s.io/v1beta1', 'cpuManagerPolicy: static'],
      ...['reservedSystemCPUs: 0-1,24', 'cpuManagerPolicyOptions:', '  strict-cpu-reservation: "true"'],
    ];
    const files = { '/var/lib/kubelet/config.yaml': configuration.join('\n'), '/var/lib/kubelet/cpu_manager_state': STATE };
    expect((await specOf(hostTree(files))).kubelet).toEqual({
      configuration: {
        path: '/var/lib/kubelet/config.yaml',
        cpuManagerPolicy: 'static',
        reservedSystemCpus: [0, 1, 24],
        isReservationStrict: true,
      },
      cpuManagerState: {
        path: '/var/lib/kubelet/cpu_manager_state',
        policy: 'static',
        defaultCpus: [0, 1, 4],
        assigned: [{ pod: 'pod-1', container: 'compute', cpus: [2, 3] }],
      },
    });
  });

  test.each([
    ['kind: KubeletConfiguration\nreservedSystemCPUs: 7', { reservedSystemCpus: [7] }],
    ['kind: KubeletConfiguration\nreservedSystemCPUs: ff', { unknown: expect.stringContaining('is a mask') }],
    ['kind: KubeletConfiguration', { isReservationStrict: false }],
    ['kind: {', { unknown: expect.stringContaining('no KubeletConfiguration') }],
    ['[]', { unknown: expect.stringContaining('no KubeletConfiguration') }],
  ])('whose configuration is %j is read as far as it goes', async (text, expected) => {
    const { kubelet } = await specOf(hostTree({ '/etc/kubernetes/kubelet.conf': text }));
    expect(kubelet.configuration).toMatchObject(expected);
  });

  /** A kubelet that runs with these arguments, among others that are none. */
  function running(...words: readonly string[]) {
    const others = { '/proc/7/comm': 'kubelet-agent\n', '/proc/7/cmdline': '/kubelet-agent\0--reserved-cpus=9\0' };
    return { ...others, '/proc/91/comm': 'kubelet\n', '/proc/91/cmdline': ['/usr/bin/kubelet', ...words, ''].join('\0') };
  }

  const FILE =
    'kind: KubeletConfiguration\ncpuManagerPolicy: static\nreservedSystemCPUs: 0-1\ncpuManagerPolicyOptions: { strict-cpu-reservation: "true" }\n';

  test.each([
    ['--config=/etc/k/own.yaml', [], { path: '/etc/k/own.yaml', reservedSystemCpus: [0, 1], isReservationStrict: true }],
    ['--config', ['/etc/k/own.yaml', '--v=2'], { path: '/etc/k/own.yaml', cpuManagerPolicy: 'static' }],
    ['--config=/etc/k/own.yaml', ['--config-dir=/etc/k/own.d'], { reservedSystemCpus: [4, 5], cpuManagerPolicy: 'static' }],
    ['--config=/etc/k/own.yaml', ['--reserved-cpus=2-3', '--config-dir=/etc/k/own.d'], { reservedSystemCpus: [2, 3] }],
    [
      '--config=/etc/k/own.yaml',
      ['--cpu-manager-policy', 'none', '--cpu-manager-policy-options=full-pcpus-only=true'],
      { cpuManagerPolicy: 'none', isReservationStrict: false },
    ],
    [
      '--reserved-cpus',
      ['2', '--cpu-manager-policy-options=full-pcpus-only=true,strict-cpu-reservation=true'],
      { path: '/proc/91/cmdline', reservedSystemCpus: [2], isReservationStrict: true },
    ],
    ['--config=/etc/k/none.yaml', [], { unknown: expect.stringContaining('no such file') }],
    ['--config=/etc/k/other.yaml', [], { unknown: 'no KubeletConfiguration in /etc/k/other.yaml' }],
    ['--reserved-cpus=0x3', [], { unknown: expect.stringMatching(/--reserved-cpus/) }],
  ])('that was started with %s and %j is configured so, whatever lies where others have their file', async (first, rest, expected) => {
    const elsewhere = {
      '/etc/k/own.yaml': FILE,
      '/etc/k/other.yaml': 'kind: Other\n',
      '/var/lib/kubelet/config.yaml': FILE.replace('0-1', '8-9'),
    };
    const dropped = {
      '/etc/k/own.d/10-a.conf': 'kind: KubeletConfiguration\nreservedSystemCPUs: "4"\n',
      '/etc/k/own.d/20-b.conf': 'kind: KubeletConfiguration\nreservedSystemCPUs: 4-5\n',
      '/etc/k/own.d/90-c.yaml': FILE,
    };
    const { kubelet } = await specOf(hostTree({ ...running(first, ...rest), ...elsewhere, ...dropped }));
    expect(kubelet.configuration).toMatchObject(expected);
  });

  test('of a node that is a container here is not the kubelet of the host', async () => {
    const files = { ...running('--reserved-cpus=2'), '/var/lib/kubelet/config.yaml': FILE };
    const networks = (own: string) => ({ '/proc/1/ns/net': 'net:[1]', '/proc/91/ns/net': own });
    const configurationWith = async (own: string) => (await specOf(hostTree(files, networks(own)))).kubelet.configuration;
    expect(await configurationWith('net:[2]')).toMatchObject({ path: '/var/lib/kubelet/config.yaml', reservedSystemCpus: [0, 1] });
    expect(await configurationWith('net:[1]')).toMatchObject({ path: '/proc/91/cmdline', reservedSystemCpus: [2] });
  });

  test('that has another root directory has its state there', async () => {
    const files = {
      ...running('--root-dir=/mnt/kubelet'),
      '/mnt/kubelet/cpu_manager_state': STATE,
      '/var/lib/kubelet/cpu_manager_state': '{}',
    };
    expect((await specOf(hostTree(files))).kubelet.cpuManagerState).toMatchObject({
      path: '/mnt/kubelet/cpu_manager_state',
      defaultCpus: [0, 1, 4],
    });
  });

  test.each(['', '{', '[]', '{"defaultCpuSet":"c00000c"}'])('whose state is %j is unknown, with why', async (text) => {
    const { kubelet } = await specOf(hostTree({ '/var/lib/kubelet/cpu_manager_state': text }));
    expect(kubelet.cpuManagerState).toEqual({ unknown: expect.stringContaining('/var/lib/kubelet/cpu_manager_state') });
  });
});
