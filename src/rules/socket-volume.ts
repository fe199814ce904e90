import type { Field } from '../core/field.ts';
import type { Settings } from '../core/settings.ts';

/** What the CNI makes of a pod's `shared-dir` volume: it knows two sources, and takes any other for no volume at all. */
export type SocketVolume =
  | { readonly source: 'emptyDir' }
  | { readonly source: 'hostPath'; readonly path: Field }
  | { readonly source: 'unsupported'; readonly field: Field };

/** Reads the volume. One without a source is an emptyDir: the API server makes it so. */
export function readSocketVolume(volume: Field): SocketVolume {
  if (volume.get('hostPath').isSet) return { source: 'hostPath', path: volume.get('hostPath').get('path') };
  const other = Object.keys(volume.object() ?? {}).find((key) => key !== 'name' && key !== 'emptyDir' && volume.get(key).isSet);
  return other === undefined ? { source: 'emptyDir' } : { source: 'unsupported', field: volume.get(other) };
}

/** The volume that the settings ask for, as a pod spec has it. A hostPath must exist: one made on the way would belong to root. */
export function configuredVolume(name: string, { volume }: Settings['socket']): unknown {
  return 'hostPath' in volume ? { name, hostPath: { path: volume.hostPath, type: 'Directory' } } : { name, emptyDir: {} };
}
