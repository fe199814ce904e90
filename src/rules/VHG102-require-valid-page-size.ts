import { quote } from '../core/json.ts';
import type { Path } from '../core/path.ts';
import type { Fix } from '../engine/finding.ts';
import { defineRule } from '../engine/rule.ts';
import { parseQuantity } from '../kube/quantity.ts';
import { PAGE_SIZES, readPageBytes } from './page-size.ts';
import { describeSupplier } from './supplier.ts';

export const requireValidPageSize = defineRule({
  meta: {
    id: 'VHG102',
    name: 'require-valid-page-size',
    title: 'Require a page size that nodes offer',
    why: `KubeVirt puts the text of \`pageSize\` behind \`hugepages-\` and asks the scheduler for a resource of that name. Nodes on x86 have
\`hugepages-2Mi\` and \`hugepages-1Gi\` only. Any other size, and any other spelling of these two such as \`1024Mi\`, is accepted by the API and then
waits in \`Scheduling\` for ever, because no node has such a resource.`,
    remedy: 'Write `pageSize` as exactly `1Gi` or `2Mi`.',
    severity: 'error',
    targets: ['workload'],
    needs: ['catalogue', 'controllerRevision'],
    fix: 'unsafe',
    since: '0.1.0',
    sources: [
      'https://github.com/kubevirt/kubevirt/blob/main/pkg/virt-controller/services/renderresources.go',
      'https://kubernetes.io/docs/tasks/manage-hugepages/scheduling-hugepages/',
    ],
    falsePositives: 'None known: on an architecture other than amd64, where further sizes exist, any size is accepted.',
    example: {
      file: 'virtual-machine.yaml',
      good: '            pageSize: 1Gi\n',
      bad: '            pageSize: 1024Mi\n',
    },
  },
  *check({ machine: { pageSize }, spec }) {
    if (pageSize.state === 'unknown') yield { path: pageSize.path, unknown: pageSize.reason };
    if (pageSize.state !== 'set' || readPageBytes(pageSize.value, spec) !== undefined) return;
    const { path, value } = pageSize;
    const supplier = describeSupplier(path);
    const place = supplier === '' ? 'domain.memory.hugepages.pageSize' : `memory.hugepages.pageSize${supplier}`;
    const bytes = parseQuantity(value);
    const same = PAGE_SIZES.find((size) => parseQuantity(size) === bytes);
    if (same === undefined) {
      const problem = bytes === undefined ? 'is no quantity' : 'is no size of hugepages that nodes offer';
      yield { path, message: `page size ${quote(value)} ${problem}: set ${place} to "1Gi" or "2Mi"` };
      return;
    }
    const message = `page size ${quote(value)} asks for a resource of that spelling, which no node has: set ${place} to ${quote(same)}`;
    yield supplier === '' ? { path, message, fix: respell(path, same) } : { path, message };
  },
});

function respell(path: Path, size: string): Fix {
  return { title: `write the same page size as ${size}`, safety: 'unsafe', edits: [{ op: 'set', path, value: size }] };
}
