import { quote } from '../core/json.ts';
import { defineRule } from '../engine/rule.ts';
import { parseQuantity } from '../kube/quantity.ts';
import { readPageBytes } from './page-size.ts';
import { describeSupplier } from './supplier.ts';

export const requireMemoryInPages = defineRule({
  meta: {
    id: 'VHG103',
    name: 'require-memory-in-pages',
    title: 'Require memory that whole hugepages can hold',
    why: `Guest memory comes in whole hugepages: KubeVirt refuses less than one page and anything that is not a multiple of the page.
The launcher pod asks for the smaller of \`requests.memory\` and the guest's memory in hugepages. When the request is the smaller one, too few pages are
reserved: QEMU then fails to start, or the guest dies of SIGBUS once it touches a page that is not there.`,
    remedy: 'Make `memory.guest` a multiple of the page size, and leave `resources.requests.memory` out or set it to the same.',
    severity: 'error',
    targets: ['workload'],
    needs: ['catalogue', 'controllerRevision'],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://github.com/kubevirt/kubevirt/blob/main/pkg/virt-api/webhooks/validating-webhook/admitters/vmi-create-admitter.go',
      'https://github.com/kubevirt/kubevirt/blob/main/pkg/virt-controller/services/renderresources.go',
    ],
    falsePositives: 'None known: without any memory setting KubeVirt gives the guest one page, which passes.',
    example: {
      file: 'virtual-machine.yaml',
      good: '          guest: 8Gi\n',
      bad: '          guest: 8500Mi\n',
    },
  },
  *check({ machine, spec }) {
    const { pageSize, guestMemory: guest, requestsMemory: requests } = machine;
    const unknown = [pageSize, guest].find(({ state }) => state === 'unknown');
    if (unknown?.state === 'unknown') yield { path: unknown.path, unknown: unknown.reason };
    if (pageSize.state !== 'set' || guest.state !== 'set') return;
    const pageBytes = readPageBytes(pageSize.value, spec);
    if (pageBytes === undefined) return;
    const problem = describeMisfit(`guest memory${describeSupplier(guest.path)}`, guest.value, pageBytes, pageSize.value);
    if (problem !== undefined) yield { path: guest.path, message: problem };
    // Where memory.guest is unset, the request is the guest's memory and was judged above.
    const isRequestApart = requests.state === 'set' && requests.path.join('/') !== guest.path.join('/');
    if (!isRequestApart) return;
    const guestBytes = parseQuantity(guest.value) ?? 0n;
    const requestBytes = parseQuantity(requests.value);
    const message =
      requestBytes !== undefined && requestBytes < guestBytes
        ? `requests.memory ${quote(requests.value)} is less than guest memory ${quote(guest.value)}, so too few hugepages are reserved: remove it or make it as large`
        : describeMisfit('requests.memory', requests.value, pageBytes, pageSize.value);
    if (message !== undefined) yield { path: requests.path, message };
  },
});

/** What keeps an amount of memory from being one page or more, without a remainder. */
function describeMisfit(what: string, amount: string, pageBytes: bigint, pageSize: string): string | undefined {
  const bytes = parseQuantity(amount);
  if (bytes === undefined) return `${what} ${quote(amount)} is no quantity: write it like "8Gi"`;
  if (bytes < pageBytes) return `${what} ${quote(amount)} is less than one hugepage: set at least ${quote(pageSize)}`;
  if (bytes % pageBytes === 0n) return undefined;
  const pages = bytes / pageBytes;
  const fitting = `${quote(multiply(pageSize, pages))} or ${quote(multiply(pageSize, pages + 1n))}`;
  return `${what} ${quote(amount)} is no multiple of the page size ${quote(pageSize)}: set ${fitting}`;
}

/** `2Mi` times 3 is `6Mi`. */
function multiply(pageSize: string, pages: bigint): string {
  const number = /^\d+/.exec(pageSize)?.[0] ?? '1';
  return `${BigInt(number) * pages}${pageSize.slice(number.length)}`;
}
