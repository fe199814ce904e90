import type { Path } from '../core/path.ts';

/**
 * ` of the instancetype` or ` of the preference` where that supplies the value that a finding is about, else nothing: such a
 * value has the path of the VM's reference, and is mended there.
 */
export function describeSupplier(path: Path): string {
  const key = path.at(-1);
  return key === 'instancetype' || key === 'preference' ? ` of the ${key}` : '';
}
