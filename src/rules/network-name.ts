/** One label of a DNS name as Kubernetes allows it. */
const LABEL = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const LONGEST_NAMESPACE = 63;
const LONGEST_NAME = 253;

/**
 * True when Kubernetes allows a NetworkAttachmentDefinition of this name in a namespace of that name.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
 */
export function isNetworkName({ namespace, name }: { readonly namespace: string; readonly name: string }): boolean {
  if (namespace.length > LONGEST_NAMESPACE || name.length > LONGEST_NAME) return false;
  return LABEL.test(namespace) && name.split('.').every((label) => LABEL.test(label));
}
