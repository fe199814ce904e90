import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HostRoot } from '../../src/host/host-root.ts';
import type { OvsInterface } from '../../src/host/ovs-facts.ts';
import { Processes } from '../../src/host/processes.ts';
import { readOvsProcess } from '../../src/host/read-processes.ts';
import { readSockets } from '../../src/host/read-sockets.ts';
import { hostTree } from '../support/host-tree.ts';

const SOCKET = '/var/lib/vhost_sockets/4fd0e2a1b3c5-net1';

function portAt(path: string): OvsInterface {
  const empty = { otherConfig: {}, status: {}, statistics: {} };
  return { name: 'v0', type: 'dpdkvhostuserclient', options: { 'vhost-server-path': path }, ...empty };
}

function ovsProcessIn(tree: string, named: readonly number[]) {
  const root = new HostRoot(tree);
  return readOvsProcess(root, new Processes(root), named);
}

function socketAt(root: string, path: string) {
  const host = new HostRoot(root);
  const { vhostSockets } = readSockets(host, new Processes(host), { interfaces: [portAt(path)], directories: [], selinux: 'disabled' });
  return vhostSockets[0];
}

/** `/proc/net/unix` with one line for each socket: its flags, state and path. */
function unixSockets(...sockets: readonly (readonly ['listens' | 'connected', string])[]): string {
  const lines = sockets.map(([state, path]) => {
    const [flags, code] = state === 'listens' ? ['00010000', '01'] : ['00000000', '03'];
    return `00000000b9fc4631: 00000002 00000000 ${flags} 0001 ${code} 483644 ${path}\n`;
  });
  return `Num       RefCount Protocol Flags    Type St Inode Path\n00000000e1cb0742: 00000003 00000000 00000000 0001 03   628\n${lines.join('')}`;
}

/** A host with kernel threads, its own processes in namespace 1, and those of a pod in namespace 2. */
function hostWith({ own = '', pod = '' }: { readonly own?: string; readonly pod?: string }): string {
  return hostTree(
    { '/proc/2/comm': 'kthreadd\n', '/proc/1/net/unix': own, '/proc/70/net/unix': pod, '/proc/71/net/unix': 'not read' },
    { '/proc/1/ns/net': 'net:[1]', '/proc/2/ns/net': 'net:[1]', '/proc/70/ns/net': 'net:[2]', '/proc/71/ns/net': 'net:[2]' },
  );
}

describe('a vhost-user socket', () => {
  test.each([
    ['on the host, at the path that OVS has', hostParts('listens', SOCKET, 'own'), true],
    ['on the host, at another path', hostParts('listens', '/run/4fd0e2a1b3c5-net1', 'own'), false],
    ['in a pod, whose path is another one', hostParts('listens', '/var/lib/cni/usrspcni/4fd0e2a1b3c5-net1', 'pod'), true],
    ['in a pod, under another name', hostParts('listens', '/var/lib/cni/usrspcni/4fd0e2a1b3c5-net2', 'pod'), false],
    ['nowhere, though a connection is left', hostParts('connected', SOCKET, 'own'), false],
  ])('that some process listens on %s is told so', (_name, parts, expected) => {
    expect(socketAt(hostWith(parts), SOCKET)?.isListening).toBe(expected);
  });

  test('that nobody is seen to listen on can still be listened on where not all processes are seen', () => {
    const root = hostTree({ '/proc/1/net/unix': unixSockets() }, { '/proc/1/ns/net': 'net:[1]' });
    expect(socketAt(root, SOCKET)?.isListening).toEqual({ unknown: expect.stringContaining('container') });
  });

  test('has the directories on its way, up to the first that is missing', () => {
    const root = hostWith({});
    mkdirSync(join(root, 'var/lib'), { recursive: true, mode: 0o750 });
    const found = { state: 'found', type: 'directory' };
    expect(socketAt(root, SOCKET)).toMatchObject({
      pathBytes: SOCKET.length,
      file: { state: 'absent' },
      directories: [
        { path: '/', file: found },
        { path: '/var', file: found },
        { path: '/var/lib', file: found },
        { path: '/var/lib/vhost_sockets', file: { state: 'absent' } },
      ],
    });
  });

  test('whose path is longer than any can be is unknown, and its length is in bytes', () => {
    expect(socketAt(hostWith({}), `/${'ü'.repeat(3000)}`)).toMatchObject({
      pathBytes: 6001,
      file: { unknown: expect.stringMatching(/too long/) },
    });
  });
});

function hostParts(state: 'listens' | 'connected', path: string, where: 'own' | 'pod') {
  return { [where]: unixSockets([state, path]) };
}

describe('the process of vswitchd', () => {
  const STATUS = 'Name:\tovs-vswitchd\nState:\tS (sleeping)\nUid:\t0\t800\t800\t800\nGid:\t801\t801\t801\t801\n';

  test('has its effective user, its groups and whether modes hold it back', () => {
    const unprivileged = hostTree({
      '/proc/9/comm': 'ovs-vswitchd-dp\n',
      '/proc/9/status': `${STATUS}Groups:\t801 107 \nCapEff:\t0000000000001400\n`,
    });
    expect(ovsProcessIn(unprivileged, [9])).toEqual({
      pid: 9,
      uid: 800,
      gid: 801,
      groups: [801, 107],
      overridesModes: false,
    });
    const capable = hostTree({ '/proc/9/comm': 'ovs-vswitchd\n', '/proc/9/status': `${STATUS}Groups:\t \nCapEff:\t000001fffeffffff\n` });
    expect(ovsProcessIn(capable, [])).toMatchObject({ groups: [], overridesModes: true });
  });

  test('has an SELinux context where there is one, which other security modules do not have', () => {
    const files = { '/proc/9/comm': 'ovs-vswitchd\n', '/proc/9/status': STATUS };
    const contextOf = (current: string) => ovsProcessIn(hostTree({ ...files, '/proc/9/attr/current': current }), [9]).context;
    expect(contextOf('system_u:system_r:openvswitch_t:s0\0')).toBe('system_u:system_r:openvswitch_t:s0');
    expect(contextOf('unconfined\n')).toBeUndefined();
  });

  test.each([
    [
      'has ended, and keeps its name',
      { '/proc/9/comm': 'ovs-vswitchd\n', '/proc/9/status': 'State:\tZ (zombie)\n' },
      [9],
      /process 9 is not/,
    ],
    ['is now another', { '/proc/9/comm': 'bash\n', '/proc/9/status': STATUS }, [9], /process 9 is not/],
    ['is nowhere', { '/proc/9/comm': 'bash\n' }, [], /there is no process named/],
    [
      'is one of two',
      { '/proc/8/comm': 'ovs-vswitchd', '/proc/9/comm': 'ovs-vswitchd', '/proc/8/status': STATUS, '/proc/9/status': STATUS },
      [],
      /processes 8, 9 are all named/,
    ],
  ])('that %s is not guessed at', (_name, files, pids, reason) => {
    expect(() => ovsProcessIn(hostTree(files as Record<string, string>), pids)).toThrow(reason);
  });
});
