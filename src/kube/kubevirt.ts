import { Field } from '../core/field.ts';
import type { JsonObject } from '../core/json.ts';

/** One entry of `KubeVirt.spec.configuration.network.binding`. */
export interface BindingPlugin {
  readonly name: string;
  readonly domainAttachmentType: string | undefined;
  readonly canMigrate: boolean;
  readonly isVhostUser: boolean;
}

/** What rules read of the KubeVirt CR. */
export interface KubeVirt {
  readonly bindings: ReadonlyMap<string, BindingPlugin>;
  /** The cluster-wide default for VMs that set none. */
  readonly evictionStrategy: string | undefined;
  /** True when KubeVirt rounds the CPUs of a VM with an isolated emulator thread up to an even number. */
  readonly completesToEvenCpus: boolean;
}

/** A registration does not say which protocol it speaks; its name and its sidecar image do, by convention. */
const VHOST_USER = /vhost-?user/i;

const EVEN_PARITY = 'alpha.kubevirt.io/EmulatorThreadCompleteToEvenParity';

export function readKubeVirt(object: JsonObject): KubeVirt {
  const root = Field.root(object, []);
  const configuration = root.get('spec').get('configuration');
  const registered = configuration.get('network').get('binding');
  const bindings = new Map<string, BindingPlugin>();
  for (const name of Object.keys(registered.object() ?? {})) {
    const entry = registered.get(name);
    bindings.set(name, {
      name,
      domainAttachmentType: entry.get('domainAttachmentType').string(),
      canMigrate: entry.get('migration').get('method').isSet,
      isVhostUser: VHOST_USER.test(name) || VHOST_USER.test(entry.get('sidecarImage').string() ?? ''),
    });
  }
  const gates = configuration.get('developerConfiguration').get('featureGates').items();
  return {
    bindings,
    evictionStrategy: configuration.get('evictionStrategy').string(),
    completesToEvenCpus: root.get('metadata').get('annotations').get(EVEN_PARITY).isSet && gates.some((gate) => gate.value === 'AlignCPUs'),
  };
}
