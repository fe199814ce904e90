import { Field, type ShapeProblem } from '../core/field.ts';
import type { Settings } from '../core/settings.ts';
import type { Subject } from '../core/subject.ts';
import { resolveCatalogue } from './catalogue.ts';
import { EffectiveMachine } from './effective.ts';
import type { Inventory } from './inventory.ts';
import { type Nic, readNics } from './nic.ts';

/** What rules read of an object that runs VMs. Paths point at what the user wrote. */
export interface Workload {
  readonly target: 'workload';
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly root: Field;
  /** What holds the VMI's `metadata` and `spec`; the object itself for a VMI. */
  readonly template: Field;
  /** The VMI spec. */
  readonly spec: Field;
  /** What holds `instancetype`, `preference` and `running`: the VM spec. `undefined` where the kind has none. */
  readonly vmSpec: Field | undefined;
  readonly nics: readonly Nic[];
  readonly vhostUserNics: readonly Nic[];
  /** CPU, memory and placement as the VM will have them: instancetype and preference applied. */
  readonly machine: EffectiveMachine;
  readonly problems: readonly ShapeProblem[];
  readonly inScope: boolean;
}

/** A VirtualMachineInstancePreset: a partial domain that KubeVirt merges into VMIs. */
export interface Preset {
  readonly target: 'preset';
  readonly root: Field;
  readonly problems: readonly ShapeProblem[];
  readonly inScope: boolean;
}

interface Layout {
  readonly group: string;
  readonly kind: string;
  /** From the object to its VM spec, where it has one. */
  readonly vmSpec?: readonly string[];
  /** From the object to what holds the VMI's metadata and spec. */
  readonly template: readonly string[];
}

/** @see https://kubevirt.io/api-reference/ */
const LAYOUTS: readonly Layout[] = [
  { group: 'kubevirt.io', kind: 'VirtualMachineInstance', template: [] },
  { group: 'kubevirt.io', kind: 'VirtualMachine', vmSpec: ['spec'], template: ['spec', 'template'] },
  { group: 'kubevirt.io', kind: 'VirtualMachineInstanceReplicaSet', template: ['spec', 'template'] },
  {
    group: 'pool.kubevirt.io',
    kind: 'VirtualMachinePool',
    vmSpec: ['spec', 'virtualMachineTemplate', 'spec'],
    template: ['spec', 'virtualMachineTemplate', 'spec', 'template'],
  },
];

export const WORKLOAD_KINDS = LAYOUTS.map(({ group, kind }) => ({ group, kind }));

/** The ways from an object to what holds the VMI's metadata and spec, each once. */
export const TEMPLATE_PATHS: readonly (readonly string[])[] = [
  ...new Map(LAYOUTS.map(({ template }) => [template.join('.'), template])).values(),
];

const LAYOUT_OF_KIND = new Map(LAYOUTS.map((layout) => [layout.kind, layout]));

export function readWorkload(subject: Subject, inventory: Inventory, settings: Settings): Workload {
  const layout = LAYOUT_OF_KIND.get(subject.kind);
  if (layout === undefined) throw new Error(`internal error: ${subject.kind} is no workload`);
  const problems: ShapeProblem[] = [];
  const root = Field.root(subject.object, problems);
  const template = descend(root, layout.template);
  const spec = template.get('spec');
  const vmSpec = layout.vmSpec && descend(root, layout.vmSpec);
  const catalogue = resolveCatalogue(vmSpec, root, subject.namespace, inventory);
  let forkNics: ReadonlySet<string> | undefined;
  // Parsing last-applied-configuration takes as long as reading all NICs: once, and only when asked.
  const lastForkNics = (): ReadonlySet<string> => {
    forkNics ??= readLastForkNics(root, [...layout.template, 'spec']);
    return forkNics;
  };
  const nics = readNics({ spec, namespace: subject.namespace, preference: catalogue.preference, inventory, settings, lastForkNics });
  const vhostUserNics = nics.filter((nic) => nic.isVhostUser);
  return {
    target: 'workload',
    apiVersion: subject.apiVersion,
    kind: subject.kind,
    namespace: subject.namespace,
    root,
    template,
    spec,
    vmSpec,
    nics,
    vhostUserNics,
    machine: new EffectiveMachine(template, catalogue),
    problems,
    inScope: vhostUserNics.length > 0,
  };
}

export function readPreset(subject: Subject, inventory: Inventory, settings: Settings): Preset {
  const problems: ShapeProblem[] = [];
  const root = Field.root(subject.object, problems);
  const preference = { state: 'none' } as const;
  const nics = readNics({
    spec: root.get('spec'),
    namespace: subject.namespace,
    preference,
    inventory,
    settings,
    lastForkNics: () => new Set(),
  });
  return { target: 'preset', root, problems, inScope: nics.some((nic) => nic.isVhostUser) };
}

function descend(root: Field, keys: readonly string[]): Field {
  return keys.reduce((field, key) => field.get(key), root);
}

/** Where `kubectl apply` keeps what the user wrote. */
export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Names of the NICs with the fork member as the user last wrote them for `kubectl apply`, before the API server dropped unknown fields. */
function readLastForkNics(root: Field, specPath: readonly string[]): ReadonlySet<string> {
  const text = root.get('metadata').get('annotations').get(LAST_APPLIED).value;
  const interfaces = typeof text === 'string' && text.includes('"vhostuser"') ? parseInterfaces(text, specPath) : [];
  return new Set(interfaces.filter((nic) => nic.get('vhostuser').value !== undefined).flatMap((nic) => nic.get('name').string() ?? []));
}

function parseInterfaces(text: string, specPath: readonly string[]): readonly Field[] {
  try {
    return descend(Field.root(JSON.parse(text), []), [...specPath, 'domain', 'devices', 'interfaces']).items();
  } catch {
    return [];
  }
}
