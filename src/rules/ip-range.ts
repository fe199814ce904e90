/** An IP address as a number. An IPv4 address inside IPv6 (`::ffff:10.0.0.1`) is an IPv4 address, as in Go. */
export interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

/** The addresses of a CIDR block, the first and the last included. */
export interface Subnet {
  readonly bits: 32 | 128;
  readonly prefixLength: number;
  readonly first: bigint;
  readonly last: bigint;
  /** The address as written, which may have bits of the host part set. */
  readonly address: bigint;
}

const LONGEST_ADDRESS = 45;
const IPV4_IN_IPV6 = 0xffffn;

/** The address that a text stands for, or `undefined`; as strict as Go's net.ParseIP. */
export function parseAddress(text: string): Address | undefined {
  if (text.length > LONGEST_ADDRESS) return undefined;
  if (!text.includes(':')) {
    const value = parseIpv4(text);
    return value === undefined ? undefined : { bits: 32, value };
  }
  const value = parseIpv6(text);
  if (value === undefined) return undefined;
  return value >> 32n === IPV4_IN_IPV6 ? { bits: 32, value: value & 0xffffffffn } : { bits: 128, value };
}

/** The block that a text such as `10.0.0.0/24` stands for, or `undefined`. */
export function parseSubnet(text: string): Subnet | undefined {
  const [, host, prefix] = /^([^/]{1,45})\/(\d{1,3})$/.exec(text) ?? [];
  const address = parseAddress(host ?? '');
  const prefixLength = Number(prefix);
  if (address === undefined || prefixLength > address.bits) return undefined;
  const size = 1n << BigInt(address.bits - prefixLength);
  const first = address.value - (address.value % size);
  return { bits: address.bits, prefixLength, first, last: first + size - 1n, address: address.value };
}

export function contains(subnet: Subnet, address: Address): boolean {
  return subnet.bits === address.bits && address.value >= subnet.first && address.value <= subnet.last;
}

function parseIpv4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) return undefined;
  return parts.reduce((value, part) => value * 256n + BigInt(part), 0n);
}

function parseIpv6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map(parseGroups);
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array<bigint>(missing).fill(0n), ...(tail ?? [])];
  return groups.reduce((value, group) => value * 65536n + group, 0n);
}

/** The 16-bit groups of a part of an IPv6 address; an IPv4 address at its end makes two. */
function parseGroups(text: string): bigint[] | undefined {
  if (text === '') return [];
  const groups: bigint[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    const embedded = index === parts.length - 1 && part.includes('.') ? parseIpv4(part) : undefined;
    if (embedded !== undefined) groups.push(embedded >> 16n, embedded & 0xffffn);
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(BigInt(`0x${part}`));
    else return undefined;
  }
  return groups;
}
