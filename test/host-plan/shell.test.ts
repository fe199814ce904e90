import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { gatherHost } from '../../src/host/gather.ts';
import type { OvsFacts } from '../../src/host/ovs-facts.ts';
import type { WrittenDescription } from '../../src/host-plan/description.ts';
import { formatShell, shellWord } from '../../src/host-plan/shell.ts';
import { HOW_TO_HOST, planned } from '../support/planned-host.ts';
import { useRealSwitch } from '../support/real-ovs/use-real-switch.ts';
import { runCli } from '../support/run-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** Programs of a node that a test may not run; each says how it was called. `ovs-vsctl` is among them unless it is real. */
const STUBBED = ['grubby', 'modprobe', 'driverctl', 'kubectl', 'groupadd', 'usermod', 'ovs-vsctl'];

interface Ran {
  readonly status: number | null;
  readonly stderr: string;
  /** The commands with their arguments, in order. */
  readonly calls: readonly string[];
}

interface Node {
  readonly gid?: string;
  readonly pages?: number;
  /** Those of the user openvswitch; there is none when absent. */
  readonly groups?: string;
  readonly real?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a script with programs that only take notes, and `getent` that knows the group by this gid. */
function run(script: string, { gid = '801', pages = 64, groups, real = [], env = {} }: Node = {}): Ran {
  const directory = temporaryDirectory();
  const log = join(directory, 'calls');
  writeFileSync(log, '');
  const stub = (name: string, text: string) => {
    writeFileSync(join(directory, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(directory, name), 0o755);
  };
  for (const name of STUBBED.filter((name) => !real.includes(name))) stub(name, `echo "${name} $*" >>${log}`);
  const user = groups === undefined ? 'exit 2' : 'echo openvswitch:x:800:800::/:/bin/false';
  const group = `test -n "${gid}" && echo "hugetlbfs:x:${gid}:"`;
  stub('getent', `case "$1 $2" in "group hugetlbfs") ${group} ;; "passwd openvswitch") ${user} ;; *) exit 2 ;; esac`);
  stub('id', `echo ${groups}`);
  stub('cat', `echo ${pages}`);
  stub('install', `echo "install $*" >>${log}; for last; do :; done; mkdir -p "$last"`);
  const { status, stderr } = spawnSync('sh', ['-s'], {
    input: script,
    encoding: 'utf8',
    env: { PATH: `${directory}:${process.env['PATH']}`, ...env },
  });
  return { status, stderr, calls: readFileSync(log, 'utf8').trim().split('\n') };
}

function scriptOf(change: Partial<WrittenDescription> = {}): { readonly script: string; readonly directory: string } {
  const directory = join(temporaryDirectory(), 'sockets');
  return { script: formatShell(planned({ ...HOW_TO_HOST, socketDirectory: directory, ...change })), directory };
}

describe('the script of a plan', () => {
  test("runs the how-to's steps in its order", () => {
    const { script, directory } = scriptOf();
    const { status, stderr, calls } = run(script);
    expect([status, stderr]).toEqual([0, '']);
    const steps = calls.map((call) => call.split(' ')[0]);
    expect([...new Set(steps)]).toEqual(['grubby', 'ovs-vsctl', 'modprobe', 'driverctl', 'install', 'kubectl']);
    expect(calls).toContain('ovs-vsctl --no-wait set Open_vSwitch . other_config:pmd-cpu-mask=c00000c');
    expect(calls).toContain('driverctl set-override 0000:06:00.0 vfio-pci');
    expect(calls).toContain(`install -d -m 2775 -o root -g hugetlbfs ${directory}`);
    expect(calls.at(-1)).toBe('kubectl label node worker-0 network.operator.openshift.io/external-openvswitch= --overwrite');
    expect(existsSync(join(directory, 'touched'))).toBe(true);
  });

  test('makes the group only where there is none, and stops at one with another number', () => {
    expect(run(scriptOf().script).calls.join('\n')).not.toContain('groupadd');
    const missing = run(scriptOf().script, { gid: '' });
    expect(missing.calls).toContain('groupadd --gid 801 hugetlbfs');
    const other = run(scriptOf().script, { gid: '1000' });
    expect(other.stderr).toContain('the group hugetlbfs must have the gid 801');
    expect(other.calls.join('\n')).not.toContain('install');
    expect(other.status).toBe(1);
  });

  test('gives OVS the group where it has a user without it, and says that only its next start brings it', () => {
    const { script } = scriptOf();
    const added = run(script, { groups: 'openvswitch hugetlbfs2' });
    expect(added.calls).toContain('usermod --append --groups hugetlbfs openvswitch');
    expect(added.stderr).toBe('OVS runs as openvswitch, which has the group hugetlbfs from its next start on: restart it\n');
    expect(added.status).toBe(0);
    const there = run(script, { groups: 'openvswitch hugetlbfs' });
    expect([there.status, there.stderr, there.calls.join('\n').includes('usermod')]).toEqual([0, '', false]);
  });

  test('says of a directory that a reboot removes what brings it back', () => {
    const titles = (socketDirectory: string) => formatShell(planned({ ...HOW_TO_HOST, socketDirectory })).match(/^# Group and .*$/m)?.[0];
    expect(titles('/var/lib/vm_sockets')).toBe('# Group and directory of the sockets');
    for (const lost of ['/run/sockets', '/var/run/sockets'])
      expect(titles(lost)).toContain('gone after a reboot, unless what --emit tmpfiles prints');
  });

  test('does not start DPDK before the reboot that brings the hugepages', () => {
    const { script } = scriptOf();
    const before = run(script, { pages: 31 });
    expect(before.stderr).toBe('NUMA node 0 has 31 of 32 hugepages of 1Gi: reboot, then run this again\n');
    expect([before.status, [...new Set(before.calls.map((call) => call.split(' ')[0]))]]).toEqual([1, ['grubby']]);
    expect(run(script, { pages: 32 }).status).toBe(0);
  });

  test('stops at the first command that fails', () => {
    const { status, calls } = run(`modprobe() { return 7; }\n${scriptOf().script}`);
    expect(status).toBe(7);
    expect(calls.join('\n')).not.toContain('driverctl');
  });

  test('leaves a NIC with its kernel driver where DPDK shares it', () => {
    const { calls } = run(scriptOf({ nics: [{ pci: '0000:06:00.0', numa: 0, driver: 'mlx5_core' }] }).script);
    expect(calls.join('\n')).not.toMatch(/driverctl|modprobe/);
    expect(calls.join('\n')).toContain('options:dpdk-devargs=0000:06:00.0');
  });

  test.for(['plain', "it's", 'a b', '$(id)', '`id`', 'a;b', '"', '\\'])('has %s as one word', (text) => {
    const { stdout } = spawnSync('sh', ['-c', `printf '%s|' ${shellWord(text)}`], { encoding: 'utf8' });
    expect(stdout).toBe(`${text}|`);
  });
});

describe('on a real Open vSwitch', { timeout: 60_000 }, () => {
  const startSwitch = useRealSwitch();

  /** What `host plan` prints for the how-to's host, which is also the one that the switch's CPUs simulate. */
  async function printed(directory: string, ...flags: readonly string[]): Promise<string> {
    const cpus = (HOW_TO_HOST.numa ?? []).map((node) => node.cpus).join(';');
    const host = ['--numa', cpus, '--siblings', '+24', '--nic', 'pci=0000:06:00.0,numa=0', '--vm-memory', '0=31Gi,1=31Gi'];
    const { exitCode, stdout, stderr } = await runCli([
      'host',
      'plan',
      ...host,
      '--cpu-vendor',
      'intel',
      '--node',
      'worker-0',
      '--socket-directory',
      directory,
      '-o',
      'shell',
      ...flags,
    ]);
    expect([exitCode, stderr]).toEqual([0, '']);
    return stdout;
  }

  test('the script makes exactly the planned PMDs, ports and settings, once and again, and others after a change', async (context) => {
    const real = await startSwitch(context, { otherConfig: { 'pmd-cpu-mask': '4' } });
    const { directory, ovsdb } = real;
    const sockets = join(directory, 'sockets');
    mkdirSync(sockets);
    // OVS makes its PMDs with the first port that one has to poll.
    await real.addVhostPort('v0', join(sockets, 'v0'));
    const env = { OVS_RUNDIR: directory, OVS_LOGDIR: directory, OVS_DBDIR: directory, OVS_SYSCONFDIR: directory };
    const stateAfter = async (...flags: readonly string[]) => {
      const { status, stderr } = run(await printed(sockets, ...flags), { real: ['ovs-vsctl'], env });
      // There is no such NIC here; ovs-vsctl says so, and succeeds.
      expect([status, stderr]).toEqual([0, expect.stringMatching(/^$|0000:06:00\.0/)]);
      return (
        await gatherHost({
          root: '/',
          ovsdb,
          timeoutMs: 5000,
          isVswitchdAsked: true,
          pciDevices: [],
          socketDirectories: [],
          now: new Date(0),
        })
      ).spec.ovs;
    };
    for (const _round of [1, 2]) {
      const ovs = await stateAfter();
      expect(cpusOfThreads(ovs)).toEqual([2, 3, 26, 27]);
      expect(ovs.configuration).toMatchObject({
        otherConfig: { 'pmd-cpu-mask': 'c00000c', 'dpdk-socket-mem': '1024,1024', 'dpdk-socket-limit': '1024,1024', 'dpdk-init': 'true' },
      });
      expect(ovs.bridges).toMatchObject([{ name: 'br-dpdk0', datapathType: 'netdev', ports: ['br-dpdk0', 'dpdk0', 'v0'] }]);
    }
    expect(statSync(join(sockets, 'touched')).isFile()).toBe(true);
    expect(cpusOfThreads(await stateAfter('--pmd-cores', '2'))).toEqual([2, 3, 4, 5, 26, 27, 28, 29]);
    expect(cpusOfThreads(await stateAfter('--pmd-cpus', '47,46,22-23'))).toEqual([22, 23, 46, 47]);
  });
});

function cpusOfThreads({ pmdThreads }: OvsFacts): number[] {
  return 'unknown' in pmdThreads ? [] : pmdThreads.map(({ cpu }) => cpu).sort((a, b) => a - b);
}
