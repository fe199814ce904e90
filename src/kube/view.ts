import type { Field, ShapeProblem } from '../core/field.ts';
import { isObject } from '../core/json.ts';
import type { Settings } from '../core/settings.ts';
import { groupOf, type Subject } from '../core/subject.ts';
import { HOST_SNAPSHOT, type Host, readHost } from './host.ts';
import type { Inventory } from './inventory.ts';
import { type LauncherPod, readLauncherPod } from './launcher-pod.ts';
import { type Network, readNetwork } from './network.ts';
import { type Preset, readPreset, readWorkload, WORKLOAD_KINDS, type Workload } from './workload.ts';

/** An object of ours whose shape hides whether it has a vhost-user NIC: `interfaces` that is no list. Only VHG100 judges it. */
export interface Unreadable {
  readonly target: 'unreadable';
  readonly root: Field;
  readonly problems: readonly ShapeProblem[];
  readonly inScope: true;
}

/** An object as the rules for it read it. `inScope` is false for what has no vhost-user NIC: it is never judged. */
export type View = Workload | Preset | Network | LauncherPod | Host | Unreadable;
export type ViewTarget = View['target'];
export type ViewOf<T extends ViewTarget> = Extract<View, { readonly target: T }>;

/** An API group and kind; the core group is empty. */
export interface GroupKind {
  readonly group: string;
  readonly kind: string;
}

/** The kinds that are judged, by what rules see in them. */
export const KINDS_OF_TARGET: Readonly<Record<ViewTarget, readonly GroupKind[]>> = {
  workload: WORKLOAD_KINDS,
  preset: [{ group: 'kubevirt.io', kind: 'VirtualMachineInstancePreset' }],
  network: [{ group: 'k8s.cni.cncf.io', kind: 'NetworkAttachmentDefinition' }],
  pod: [{ group: '', kind: 'Pod' }],
  host: [HOST_SNAPSHOT],
  unreadable: [],
};

const TARGET_OF_KIND = new Map<string, ViewTarget>(
  (Object.keys(KINDS_OF_TARGET) as ViewTarget[]).flatMap((target) =>
    KINDS_OF_TARGET[target].map(({ group, kind }) => [`${group}/${kind}`, target] as const),
  ),
);

/** The view of an object, or `undefined` when its kind is none of ours. */
export function readView(subject: Subject, inventory: Inventory, settings: Settings): View | undefined {
  const view = readKind(subject, inventory, settings);
  if (view === undefined || !isUnreadable(view)) return view;
  return { target: 'unreadable', root: view.root, problems: view.problems, inScope: true };
}

/** A launcher pod tells by its annotations what it is: it is unreadable only where its spec is none. */
function isUnreadable(view: Exclude<View, Unreadable>): boolean {
  if (view.target === 'pod') return view.inScope && view.spec.isSet && !isObject(view.spec.value);
  return !view.inScope && view.problems.length > 0;
}

function readKind(subject: Subject, inventory: Inventory, settings: Settings): Exclude<View, Unreadable> | undefined {
  switch (TARGET_OF_KIND.get(`${groupOf(subject.apiVersion)}/${subject.kind}`)) {
    case 'workload':
      return readWorkload(subject, inventory, settings);
    case 'preset':
      return readPreset(subject, inventory, settings);
    case 'network':
      return readNetwork(subject);
    case 'pod':
      return readLauncherPod(subject, inventory, settings);
    case 'host':
      return readHost(subject);
    default:
      return undefined;
  }
}

/** The annotations of an object that may silence rules: its own, and its VMI template's, which the VMI inherits. */
export function annotationFields(view: View): Field[] {
  const own = view.root.get('metadata').get('annotations');
  if (view.target !== 'workload' || view.template === view.root) return [own];
  return [own, view.template.get('metadata').get('annotations')];
}
