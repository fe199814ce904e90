import type { Field } from '../core/field.ts';
import { parseQuantity } from '../kube/quantity.ts';

/**
 * The page sizes of x86, spelt as nodes name their resource. KubeVirt asks for the resource `hugepages-` + the text as
 * written, so another spelling of the same size is another resource.
 */
export const PAGE_SIZES: readonly string[] = ['2Mi', '1Gi'];

/** True unless the VM asks for another processor architecture. @param spec the VMI spec. */
export function isX86(spec: Field): boolean {
  const { value } = spec.get('architecture');
  return value === undefined || value === null || value === '' || value === 'amd64';
}

/** The bytes of a page size that nodes can offer, or `undefined` when VHG102 objects to it. @param spec the VMI spec. */
export function readPageBytes(text: string, spec: Field): bigint | undefined {
  if (isX86(spec) && !PAGE_SIZES.includes(text)) return undefined;
  const bytes = parseQuantity(text);
  return bytes !== undefined && bytes > 0n ? bytes : undefined;
}
