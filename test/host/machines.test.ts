import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HostRoot } from '../../src/host/host-root.ts';
import { Machines } from '../../src/host/machines.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const LISTENS = '00010000';
const HEADER = 'Num       RefCount Protocol Flags    Type St Inode Path\n';

interface ProcessFiles {
  readonly comm: string;
  readonly words: readonly string[];
  readonly namespace: string;
  /** Path of the socket that it listens on, by inode. */
  readonly listens: Readonly<Record<string, string>>;
  /** What its namespace has beside that. */
  readonly others?: string;
}

function hostOf(processes: Readonly<Record<string, ProcessFiles>>): string {
  const root = temporaryDirectory();
  for (const [pid, { comm, words, namespace, listens, others = '' }] of Object.entries(processes)) {
    const directory = join(root, 'proc', pid);
    for (const name of ['fd', 'ns', 'net']) mkdirSync(join(directory, name), { recursive: true });
    writeFileSync(join(directory, 'comm'), `${comm}\n`);
    writeFileSync(join(directory, 'cmdline'), words.map((word) => `${word}\0`).join(''));
    symlinkSync(`net:[${namespace}]`, join(directory, 'ns/net'));
    const lines = Object.entries(listens).map(([inode, path]) => `ffff: 00000002 00000000 ${LISTENS} 0001 01 ${inode} ${path}\n`);
    writeFileSync(join(directory, 'net/unix'), `${HEADER}${lines.join('')}${others}`);
    Object.keys(listens).forEach((inode, index) => {
      symlinkSync(`socket:[${inode}]`, join(directory, `fd/${index + 3}`));
    });
  }
  return root;
}

const INIT = { comm: 'systemd', words: ['/sbin/init'], namespace: '1', listens: {} };

test('VMs are found by the socket that their QEMU listens on, in a container by the name of its file', () => {
  const root = hostOf({
    '1': INIT,
    '20': {
      comm: 'qemu-system-x86',
      words: ['/usr/bin/qemu-system-x86_64', '-name', 'by_hand', '-m', '64'],
      namespace: '1',
      listens: { '200': '/run/a.sock', '201': '/run/monitor' },
    },
    '30': {
      comm: 'qemu-kvm',
      words: ['/usr/libexec/qemu-kvm', '-name', 'guest=tenant-a_vm_1,debug-threads=on'],
      namespace: '7',
      listens: { '300': '/var/lib/cni/usrspcni/8d20e5b7a1c4-net1' },
      others: 'ffff: 00000003 00000000 00000000 0001 03 301 /var/lib/cni/usrspcni/connected\n',
    },
    '40': { comm: 'nginx', words: ['nginx', '-name', 'no-vm'], namespace: '1', listens: { '400': '/run/c.sock' } },
  });
  const inPod = '/var/lib/vhost_sockets/0c2f/8d20e5b7a1c4-net1';
  const sockets = ['/run/a.sock', inPod, '/run/c.sock', '/run/none.sock', '/var/lib/vhost_sockets/0c2f/connected'];
  const machines = new Machines(new HostRoot(root));
  const expected = new Map([
    ['/run/a.sock', 'by_hand'],
    [inPod, 'tenant-a/vm_1'],
  ]);
  expect(machines.behind(sockets)).toEqual(expected);
  expect(machines.behind(sockets)).toEqual(expected);
  expect(machines.behind([])).toEqual(new Map());
});

test('a QEMU without a name, or that is gone, is nobody', () => {
  const root = hostOf({
    '1': INIT,
    '20': { comm: 'qemu-kvm', words: ['qemu-kvm', '-m', '64'], namespace: '1', listens: { '200': '/run/a.sock' } },
  });
  mkdirSync(join(root, 'proc/21'));
  expect(new Machines(new HostRoot(root)).behind(['/run/a.sock'])).toEqual(new Map());
  expect(new Machines(new HostRoot(temporaryDirectory())).behind(['/run/a.sock'])).toEqual(new Map());
});
