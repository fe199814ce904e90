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
const VERSION = 1;

export function readHost(subject: Subject): Host {
  const problems: ShapeProblem[] = [];
  const root = Field.root(subject.object, problems);
  const spec = root.get('spec');
  const version = spec.get('version');
  const { value } = version;
  const isOfOurForm = value === VERSION;
  if (!isOfOurForm)
    version.reject(`${VERSION}, the form that this vhostguard knows`, typeof value === 'number' ? String(value) : undefined);
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
