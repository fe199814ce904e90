import { defineRule } from '../engine/rule.ts';

export const requireKubeconfig = defineRule({
  meta: {
    id: 'VHG205',
    name: 'require-kubeconfig',
    title: 'Require a kubeconfig for the userspace CNI',
    why: `The CNI reads the pod from the API server to find its socket directory and writes annotations to it. Since version 1.3 it fails
every ADD without a kubeconfig ("Error pod is set to: nil"), after it has added the port to OVS; \`sharedDir\` is no substitute any more.
The file must exist on every node: thick Multus writes none, and OpenShift dropped its one
(\`/etc/kubernetes/cni/net.d/multus.d/multus.kubeconfig\`) in 4.14.`,
    remedy: 'Set `kubeconfig` to a file on the nodes whose user may get pods and update pods/status.',
    severity: 'error',
    targets: ['network'],
    needs: [],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://github.com/intel/userspace-cni-network-plugin/blob/master/pkg/configdata/configdata.go',
      'https://github.com/intel/userspace-cni-network-plugin/blob/master/pkg/k8sclient/k8sclient.go',
    ],
    falsePositives: 'A CNI that runs with KUBERNETES_SERVICE_HOST and a service account in its environment needs no kubeconfig.',
    example: {
      file: 'network-default.yaml',
      good: '      "kubeconfig": "/etc/cni/net.d/multus.d/multus.kubeconfig",\n',
      bad: '',
    },
  },
  *check({ userspace }) {
    const kubeconfig = userspace?.getFold('kubeconfig');
    if (kubeconfig === undefined || kubeconfig.string() || (kubeconfig.isSet && kubeconfig.value !== '')) return;
    yield {
      path: kubeconfig.path,
      message: 'the userspace CNI cannot read the pod without a kubeconfig: set kubeconfig to a file on the nodes',
    };
  },
});
