/** Keys of a CNI network list. @see https://github.com/containernetworking/cni/blob/main/libcni/conf.go */
export const LIST_KEYS: readonly string[] = [
  'cniVersion',
  'cniVersions',
  'name',
  'disableCheck',
  'disableGC',
  'loadOnlyInlinedPlugins',
  'plugins',
];

/** Keys that every CNI plugin takes, whoever reads them. @see https://www.cni.dev/docs/spec/ */
export const CNI_KEYS: readonly string[] = [
  'cniVersion',
  'name',
  'type',
  'capabilities',
  'ipam',
  'dns',
  'args',
  'runtimeConfig',
  'prevResult',
  'disableCheck',
  'cni.dev/valid-attachments',
];

/** Keys of the userspace CNI. @see https://github.com/intel/userspace-cni-network-plugin/blob/master/pkg/types/types.go */
export const USERSPACE_KEYS: readonly string[] = ['kubeconfig', 'sharedDir', 'logFile', 'logLevel', 'host', 'container'];

/** Keys of its `host` and `container`. */
export const HALF_KEYS: readonly string[] = ['engine', 'iftype', 'netType', 'memif', 'vhost', 'bridge'];

/** Keys of what lies in those, without the ones that it declares but does not read for OVS. */
export const SECTION_KEYS: ReadonlyMap<string, readonly string[]> = new Map([
  ['vhost', ['mode', 'group', 'socketfile']],
  ['bridge', ['bridgeName']],
  ['memif', ['role', 'mode', 'socketfile']],
]);

/** What to do instead of keys that it declares but does not read for OVS, by lower-case key. */
export const UNREAD_KEYS: ReadonlyMap<string, string> = new Map([
  ['vlanid', 'it declares the key and never reads it, so set the VLAN in the guest or as the tag of the OVS port'],
  ['bridgeid', 'OVS bridges have names and no numbers, so set bridgeName'],
]);

/** Keys that fivetime/userspace-cni added, in lower case. @see https://github.com/fivetime/userspace-cni */
export const FORK_KEYS: ReadonlySet<string> = new Set([
  'mtu',
  'mac',
  'enablegso',
  'enablepacked',
  'enableeventidx',
  'ingresspolicingrate',
  'ingresspolicingburst',
  'trunks',
  'vlanmode',
]);
