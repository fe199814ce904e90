/** Namespaces that KubeVirt's operator, OpenShift Virtualization and the hyperconverged operator install into. */
const KUBEVIRT_NAMESPACES = ['kubevirt', 'kubevirt-hyperconverged', 'openshift-cnv'];

/** @see https://github.com/kubevirt/kubevirt/tree/main/pkg/virt-operator/resource/generate/rbac */
const KUBEVIRT_ACCOUNTS = [
  'kubevirt-apiserver',
  'kubevirt-controller',
  'kubevirt-handler',
  'kubevirt-operator',
  'kubevirt-synchronization-controller',
];

/**
 * The user names of KubeVirt's own components. They are whole names: anybody may call a service account of their own namespace
 * `kubevirt-controller`.
 */
export const KUBEVIRT_USERNAMES: ReadonlySet<string> = new Set(
  KUBEVIRT_NAMESPACES.flatMap((namespace) => KUBEVIRT_ACCOUNTS.map((account) => `system:serviceaccount:${namespace}:${account}`)),
);
