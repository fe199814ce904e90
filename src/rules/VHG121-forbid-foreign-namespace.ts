import { quote } from '../core/json.ts';
import { defineRule } from '../engine/rule.ts';
import { isNetworkName } from './network-name.ts';

export const forbidForeignNamespace = defineRule({
  meta: {
    id: 'VHG121',
    name: 'forbid-foreign-namespace',
    title: "Forbid networks of other tenants' namespaces",
    why: `A VM on a network of another namespace gets a port on a bridge that its own namespace was never given. Where Multus isolates
namespaces (OpenShift always does), it refuses such a network when the pod starts, and the VM hangs in \`Scheduling\`. Namespaces that
every VM may use are the exception: they are Multus' \`globalNamespaces\` and this tool's setting \`namespaces.shared\`.`,
    remedy: "Copy the NetworkAttachmentDefinition into the VM's namespace and name that copy, or add its namespace to `namespaces.shared`.",
    severity: 'warning',
    targets: ['workload'],
    needs: [],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://github.com/k8snetworkplumbingwg/multus-cni/blob/master/docs/configuration.md',
      'https://github.com/openshift/cluster-network-operator/blob/master/bindata/network/multus/multus.yaml',
    ],
    falsePositives:
      'A Multus without `namespaceIsolation`, or with more `globalNamespaces` than `namespaces.shared` names, attaches the network.',
    example: {
      file: 'instancetype.yaml',
      good: '  name: trex-typed\n  namespace: nfv\n',
      bad: '  name: trex-typed\n  namespace: lab\n',
    },
  },
  *check({ namespace, vhostUserNics }, { settings }) {
    const allowed = [namespace, ...settings.namespaces.shared];
    for (const { name, multus } of vhostUserNics) {
      if (multus === undefined || !isNetworkName(multus) || allowed.includes(multus.namespace)) continue;
      yield {
        path: multus.field.path,
        message: `interface ${quote(name)} is on a network of namespace ${quote(multus.namespace)}: use one of namespace ${quote(namespace)}, or share that namespace (setting namespaces.shared)`,
      };
    }
  },
});
