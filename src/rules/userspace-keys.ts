/** Keys as documented, by their lower-case form: Go takes any letter case. */
export type Spellings = ReadonlyMap<string, string>;

/** Keys of a CNI network list. @see https://github.com/containernetworking/cni/blob/main/libcni/conf.go */
export const LIST_KEYS = spellings(['cniVersion', 'cniVersions', 'name', 'disableCheck', 'disableGC', 'loadOnlyInlinedPlugins', 'plugins']);

/** Keys that every CNI plugin takes, whoever reads them. @see https://www.cni.dev/docs/spec/ */
const CNI_KEYS = [
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
const OWN_KEYS = ['kubeconfig', 'sharedDir', 'logFile', 'logLevel', 'host', 'container'];

/** Keys that may stand in the mapping of type `userspace`. */
export const USERSPACE_KEYS = spellings([...CNI_KEYS, ...OWN_KEYS]);

/** Keys of its `host` and `container`. */
export const HALF_KEYS = spellings(['engine', 'iftype', 'netType', 'memif', 'vhost', 'bridge']);

/** Keys of what lies in those, without the ones that it declares but does not read for OVS. */
export const SECTION_KEYS: ReadonlyMap<string, Spellings> = new Map([
  ['vhost', spellings(['mode', 'group', 'socketfile'])],
  ['bridge', spellings(['bridgeName'])],
  ['memif', spellings(['role', 'mode', 'socketfile'])],
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

function spellings(keys: readonly string[]): Spellings {
  return new Map(keys.map((key) => [key.toLowerCase(), key]));
}
