import { InvalidArgumentError } from 'commander';
import { quote } from '../core/json.ts';
import { nearest } from '../core/nearest.ts';
import type { WrittenNic } from '../host-plan/description.ts';

const NUMBERS = ['numa', 'mtu', 'queues'] as const;
const TEXTS = ['pci', 'port', 'driver'] as const;

/** Takes in one more `--nic`: `pci=0000:18:00.0,numa=0,mtu=9000,queues=2`. @throws InvalidArgumentError */
export function addNic(text: string, earlier: readonly WrittenNic[] = []): WrittenNic[] {
  const nic = new Map<string, string | number>();
  for (const part of text.split(',')) {
    const [key = '', ...value] = part.trim().split('=');
    if (!isOneOf(key, [...NUMBERS, ...TEXTS])) throw unknownKey(key);
    if (nic.has(key)) throw new InvalidArgumentError(`${key} is given twice`);
    nic.set(key, isOneOf(key, NUMBERS) ? parseWhole(value.join('=')) : value.join('='));
  }
  const pci = nic.get('pci');
  if (pci === undefined) throw new InvalidArgumentError('a NIC must have its PCI address, as in pci=0000:18:00.0');
  return [...earlier, { ...Object.fromEntries(nic), pci: String(pci) }];
}

function isOneOf<T extends string>(key: string, keys: readonly T[]): key is T {
  return (keys as readonly string[]).includes(key);
}

function unknownKey(key: string): InvalidArgumentError {
  const keys = [...TEXTS, ...NUMBERS];
  const guess = nearest(key, keys);
  return new InvalidArgumentError(`a NIC has no ${quote(key)}${guess === undefined ? '' : `, did you mean ${guess}`} (${keys.join(', ')})`);
}

/** A whole number, which may be negative. @throws InvalidArgumentError */
export function parseWhole(text: string): number {
  if (/^-?\d{1,9}$/.test(text.trim())) return Number(text);
  throw new InvalidArgumentError(`${quote(text)} is no whole number`);
}

/** Values by NUMA node, as in `0=16Gi,1=32Gi`. @throws InvalidArgumentError */
export function parseByNode(text: string, earlier: ReadonlyMap<number, string> = new Map()): Map<number, string> {
  const values = new Map(earlier);
  for (const part of text.split(',')) {
    const [, node, value] = /^\s*(\d{1,4})=(\S+)\s*$/.exec(part) ?? [];
    if (node === undefined || value === undefined) {
      throw new InvalidArgumentError(`${quote(part)} must be NODE=VALUE, as in 0=16Gi,1=32Gi`);
    }
    if (values.has(Number(node))) throw new InvalidArgumentError(`NUMA node ${node} is given twice`);
    values.set(Number(node), value);
  }
  return values;
}

/** Counts by NUMA node, as in `0=4,1=2`. @throws InvalidArgumentError */
export function parseCountsByNode(text: string, earlier: ReadonlyMap<number, string> = new Map()): Map<number, string> {
  const values = parseByNode(text, earlier);
  for (const value of values.values()) {
    if (!/^\d{1,5}$/.test(value)) throw new InvalidArgumentError(`${quote(value)} is no count of ports, as in 0=4,1=2`);
  }
  return values;
}
