import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryDirectory } from './temporary-directory.ts';

/** Files by path from the host's root. */
type Files = Readonly<Record<string, string>>;

/** The files that a kernel showed when `test/data/host/NAME.txt` was taken of it. */
export function capturedFiles(name: string): Files {
  const text = readFileSync(`test/data/host/${name}.txt`, 'utf8');
  const files: Record<string, string> = {};
  const each = (pattern: RegExp, add: (...groups: string[]) => void) => {
    for (const match of text.matchAll(pattern)) add(...match.slice(1).map((group) => group ?? ''));
  };
  each(/^== cmdline\n(.*)$/gm, (cmdline) => {
    files['/proc/cmdline'] = `${cmdline}\n`;
  });
  each(/^(\/sys\/\S+_hugepages) (\d+)$/gm, (path, count) => {
    files[path ?? ''] = `${count}\n`;
  });
  each(/(dmar\d+) -> /g, (unit) => {
    files[`/sys/class/iommu/${unit}/uevent`] = '';
  });
  each(/^(\d+) type=(\S+) devs=(.*)$/gm, (group, type, devices = '') => {
    files[`/sys/kernel/iommu_groups/${group}/type`] = `${type}\n`;
    for (const device of devices.trim().split(' ')) files[`/sys/kernel/iommu_groups/${group}/devices/${device}`] = '';
  });
  each(/^cpu(\d+) sib=(\S*) /gm, (cpu, siblings) => {
    if (siblings !== '') files[`/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`] = `${siblings}\n`;
  });
  each(/^node(\d+) (\S+) mem=(.*)$/gm, (node, cpus, memory) => {
    files[`/sys/devices/system/node/node${node}/cpulist`] = `${cpus}\n`;
    files[`/sys/devices/system/node/node${node}/meminfo`] = `${memory}\n`;
  });
  each(/^== isolated (\S*) nohz_full (.*?) online (\S+)$/gm, (isolated, nohzFull, online) => {
    files['/sys/devices/system/cpu/isolated'] = `${isolated}\n`;
    files['/sys/devices/system/cpu/nohz_full'] = `${nohzFull}\n`;
    files['/sys/devices/system/cpu/online'] = `${online}\n`;
  });
  each(/^(pdpe1gb)$/gm, (flag) => {
    files['/proc/cpuinfo'] = `processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu pse ${flag}\n\nprocessor\t: 1\nflags\t\t: none\n`;
  });
  each(/^(0000:\S+) (0x\w+):(0x\w+) class=(\w+) numa=(-?\d+)/gm, (address, vendor, device, code, numa) => {
    const members = { vendor, device, class: code, numa_node: numa, driver_override: '(null)' };
    for (const [key, value] of Object.entries(members)) files[`/sys/bus/pci/devices/${address}/${key}`] = `${value}\n`;
  });
  return files;
}

/** A directory that looks like a host's root, with links by path. It is gone after the test. */
export function hostTree(files: Files, links: Files = {}): string {
  const root = temporaryDirectory();
  for (const [path, text] of Object.entries(files)) writeFileSync(prepared(root, path), text);
  for (const [path, target] of Object.entries(links)) symlinkSync(target, prepared(root, path));
  return root;
}

function prepared(root: string, path: string): string {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  return file;
}
