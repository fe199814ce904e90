import type { Field } from '../core/field.ts';
import { quote } from '../core/json.ts';
import type { Violation } from '../engine/finding.ts';
import { defineRule } from '../engine/rule.ts';
import { type Address, contains, parseAddress, parseSubnet, type Subnet } from './ip-range.ts';

export const requireValidIpam = defineRule({
  meta: {
    id: 'VHG210',
    name: 'require-valid-ipam',
    title: 'Require address ranges that host-local can use, and prefer none',
    why: `host-local refuses a range outside its subnet, or one that ends before it starts, when a pod starts; the port in OVS stays behind.
Even with valid ranges it does not do what it seems to: it counts per node, so two VMs on two nodes get the same address, and nothing
passes the address on to the guest, which has to be configured in any case. That is why any host-local is worth a warning.`,
    remedy:
      'Remove `ipam` and give the guest its address with cloud-init or DHCP; else put the ranges inside the subnet, start before end.',
    severity: 'warning',
    targets: ['network'],
    needs: [],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://github.com/containernetworking/plugins/blob/main/plugins/ipam/host-local/backend/allocator/range.go',
      'https://www.cni.dev/plugins/current/ipam/host-local/',
    ],
    falsePositives:
      'A program in the guest may read the address from the annotation userspace/configuration-data, and one node needs no more.',
    example: {
      file: 'network-default.yaml',
      good: '      "logLevel": "info",\n',
      bad: '      "ipam": { "type": "host-local", "subnet": "10.56.217.0/24" },\n',
    },
  },
  *check({ userspace }) {
    const ipam = userspace?.getFold('ipam');
    const type = ipam?.getFold('type');
    if (ipam === undefined || type?.value !== 'host-local') return;
    yield {
      path: type.path,
      message:
        'host-local gives the same addresses on every node and the guest learns none of them: configure the guest instead and remove ipam',
    };
    const ranges = [
      ...(ipam.getFold('subnet').isSet ? [ipam] : []),
      ...ipam
        .getFold('ranges')
        .items()
        .flatMap((set) => set.items()),
    ];
    if (ranges.length === 0)
      yield { path: ipam.path, severity: 'error', message: 'host-local must have a subnet, or ranges with one each' };
    for (const range of ranges) yield* checkRange(range);
  },
});

function* checkRange(range: Field): Iterable<Violation> {
  const field = range.getFold('subnet');
  const text = field.string();
  const subnet = parseSubnet(text ?? '');
  if (subnet === undefined) {
    const message = `the subnet must be a block such as "10.56.217.0/24"${text === undefined ? '' : `, not ${quote(text)}`}`;
    if (text !== undefined || !field.isSet) yield { path: field.path, severity: 'error', message };
    return;
  }
  const problem = problemOf(subnet);
  if (problem !== undefined) yield { path: field.path, severity: 'error', message: `subnet ${quote(text)} ${problem}` };
  const [start, end, gateway] = ['rangeStart', 'rangeEnd', 'gateway'].map((key) => range.getFold(key));
  const first = yield* checkAddress(start, subnet, text, 'error');
  const last = yield* checkAddress(end, subnet, text, 'error');
  yield* checkAddress(gateway, subnet, text, 'warning');
  if (end !== undefined && first !== undefined && last !== undefined && last.value < first.value)
    yield {
      path: end.path,
      severity: 'error',
      message: `rangeEnd ${quote(end.value)} must not be before rangeStart ${quote(start?.value)}`,
    };
}

function problemOf({ bits, prefixLength, first, address }: Subnet): string | undefined {
  if (prefixLength > bits - 2) return 'is too small to allocate addresses from: use a shorter prefix';
  return address === first ? undefined : `must be the first address of its block, with no bits set after the first ${prefixLength}`;
}

/** Checks an optional address, and gives it back when it lies in the subnet. Newer releases accept a gateway outside it. */
function* checkAddress(
  field: Field | undefined,
  subnet: Subnet,
  written: unknown,
  severity: 'error' | 'warning',
): Generator<Violation, Address | undefined> {
  const text = field?.string();
  if (field === undefined || text === undefined || text === '') return undefined;
  const address = parseAddress(text);
  const key = String(field.path.at(-1));
  if (address === undefined) yield { path: field.path, severity: 'error', message: `${key} must be an IP address, not ${quote(text)}` };
  else if (!contains(subnet, address))
    yield { path: field.path, severity, message: `${key} ${quote(text)} must lie in the subnet ${quote(written)}` };
  else return address;
  return undefined;
}
