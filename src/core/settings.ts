/** What happens with an error: refuse the object, warn the user, or only report. `off` skips the rule. */
export type Enforcement = 'deny' | 'warn' | 'dryrun' | 'off';

/** A configured exception from rules, for the objects it names. Empty `namespaces` or `names` match everything. */
export interface Exemption {
  /** Rule ids or names. */
  readonly rules: readonly string[];
  readonly namespaces: readonly string[];
  readonly names: readonly string[];
  readonly reason: string;
  readonly owner?: string;
  /** Last day on which it holds, `YYYY-MM-DD`, UTC. */
  readonly expires?: string;
}

/** Everything a user can configure about verdicts and repairs. Defaults: `DEFAULT_SETTINGS`. */
export interface Settings {
  readonly enforcement: Exclude<Enforcement, 'off'>;
  /** Overrides by rule id. */
  readonly rules: Readonly<Record<string, Enforcement>>;
  /** Names of network binding plugins that are vhost-user, besides those that the KubeVirt CR registers as such. */
  readonly bindings: readonly string[];
  /** The label of nodes that run OVS-DPDK outside the cluster network's own OVS. */
  readonly placement: { readonly label: string; readonly value: string };
  readonly socket: {
    readonly volume: { readonly emptyDir: Readonly<Record<string, never>> } | { readonly hostPath: string };
    readonly mountPath: string;
  };
  /** The group of the sockets. `primary` also sets `runAsGroup`, as the how-to's qemu.conf did. */
  readonly group: {
    readonly name: string;
    readonly gid: number;
    readonly as: 'supplemental' | 'primary';
  };
  readonly ovs: { readonly runsAs: 'unknown' | 'unprivileged' | 'root' };
  readonly namespaces: {
    /** Objects here are out of scope. */
    readonly exclude: readonly string[];
    /** Namespaces whose networks VMs of every namespace may use (Multus `globalNamespaces`). */
    readonly shared: readonly string[];
  };
  readonly exemptions: readonly Exemption[];
  /** Whether the `vhostguard.dev/exempt` annotation counts. */
  readonly allowAnnotations: boolean;
  readonly reports: {
    /** The API of the policy reports that the controller writes. */
    readonly api: 'openreports' | 'wgpolicyk8s';
    /** Whether a rule that fails is also told as an Event of the object. */
    readonly events: boolean;
  };
}

export const DEFAULT_SETTINGS: Settings = {
  enforcement: 'deny',
  rules: {},
  bindings: ['vhostuser'],
  placement: {
    label: 'network.operator.openshift.io/external-openvswitch',
    value: '',
  },
  socket: { volume: { emptyDir: {} }, mountPath: '/var/lib/cni/usrspcni/' },
  group: { name: 'hugetlbfs', gid: 801, as: 'supplemental' },
  ovs: { runsAs: 'unknown' },
  namespaces: { exclude: ['kube-system'], shared: ['default'] },
  exemptions: [],
  allowAnnotations: true,
  reports: { api: 'openreports', events: true },
};
