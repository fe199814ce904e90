/** What people call an object: `namespace/name`, or its name where it has no namespace. */
export function objectName({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return namespace === '' ? name : `${namespace}/${name}`;
}
