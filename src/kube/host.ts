import { Field, type ShapeProblem } from '../core/field.ts';
import type { Subject } from '../core/subject.ts';
import { type HostMachine, readMachine } from './host-machine.ts';
import { type HostOvs, readOvs } from './host-ovs.ts';
import { readDirectories, readSockets, type SocketDirectory, type VhostSocket } from './host-socket.ts';

/** The kind that `vhostguard host snapshot` writes. */
export const HOST_SNAPSHOT = { group: 'vhostguard.dev', kind: 'HostSnapshot' } as const;

/** What rules read of a host. It is always in scope: nobody takes a snapshot of a host that has no vhost-user NIC to serve. */
export interface Host extends HostMachine {
  readonly target: 'host';
  readonly root: Field;
  readonly ovs: HostOvs;
  readonly vhostSockets: readonly VhostSocket[];
  readonly socketDirectories: readonly SocketDirectory[];
  readonly problems: readonly ShapeProblem[];
  readonly inScope: true;
}

/** The form of a snapshot that rules know; what is missing in one of another form cannot be told from what is absent. */
const API_VERSION = `${HOST_SNAPSHOT.group}/v1alpha1`;
const VERSION = 1;

export function readHost(subject: Subject): Host {
  const problems: ShapeProblem[] = [];
  const root = Field.root(subject.object, problems);
  const spec = root.get('spec');
  const isOfOurForm = checkForm(root.get('apiVersion'), API_VERSION) && checkForm(spec.get('version'), VERSION);
  const known = isOfOurForm ? spec : Field.root({}, problems, spec.path);
  return {
    target: 'host',
    root,
    ...readMachine(known),
    ovs: readOvs(known.get('ovs')),
    vhostSockets: readSockets(known),
    socketDirectories: readDirectories(known),
    problems,
    inScope: true,
  };
}

function checkForm(field: Field, ours: string | number): boolean {
  const { value } = field;
  if (value === ours) return true;
  field.reject(`${ours}, the form that this vhostguard knows`, typeof value === typeof ours ? String(value) : undefined);
  return false;
}
