import type { Field } from '../core/field.ts';
import { type Fact, listOf, readFact } from './host-fact.ts';

/** What is at a path, links followed. */
export type HostFile =
  | { readonly state: 'absent' }
  | {
      readonly state: 'found';
      /** `socket`, `file`, `directory` or `other`. */
      readonly type: string;
      /** Permission bits, with setuid, setgid and sticky. */
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
      /** SELinux context; `undefined` where there is none. */
      readonly context: string | undefined;
    };

/** A socket that OVS was told to connect to. */
export interface VhostSocket {
  readonly field: Field;
  /** The name of the port. */
  readonly interface: string;
  readonly path: string;
  readonly file: Fact<HostFile>;
  /** On the way to it, from `/` on. */
  readonly directories: readonly { readonly path: string; readonly file: Fact<HostFile> }[];
  readonly isListening: Fact<boolean>;
}

export interface SocketDirectory {
  readonly field: Field;
  readonly path: string;
  readonly file: Fact<HostFile>;
  readonly entries: Fact<readonly { readonly name: string; readonly type: string }[]>;
}

export function readSockets(spec: Field): VhostSocket[] {
  return spec
    .get('vhostSockets')
    .items()
    .map((field) => {
      const directories = readFact(field.get('directories'), (list) => listOf(list, readOnTheWay));
      return {
        field,
        interface: field.get('interface').string() ?? '',
        path: field.get('path').string() ?? '',
        file: readFact(field.get('file'), readFile),
        directories: 'value' in directories ? directories.value : [],
        isListening: readFact(field.get('isListening'), (listening) => listening.boolean()),
      };
    });
}

function readOnTheWay(item: Field): VhostSocket['directories'][number] {
  return { path: item.get('path').string() ?? '', file: readFact(item.get('file'), readFile) };
}

export function readDirectories(spec: Field): SocketDirectory[] {
  return spec
    .get('socketDirectories')
    .items()
    .map((field) => ({
      field,
      path: field.get('path').string() ?? '',
      file: readFact(field.get('file'), readFile),
      entries: readFact(field.get('entries'), (list) =>
        listOf(list, (entry) => ({ name: entry.get('name').string() ?? '', type: entry.get('type').string() ?? '' })),
      ),
    }));
}

const OCTAL_MODE = /^[0-7]{1,4}$/;

function readFile(field: Field): HostFile | undefined {
  const state = field.get('state').string();
  if (state === 'absent') return { state };
  const mode = field.get('mode');
  const digits = mode.string();
  if (state !== 'found' || digits === undefined) return undefined;
  if (!OCTAL_MODE.test(digits)) {
    mode.reject('four octal digits');
    return undefined;
  }
  return {
    state,
    type: field.get('type').string() ?? 'other',
    mode: Number.parseInt(digits, 8),
    uid: field.get('uid').count() ?? 0,
    gid: field.get('gid').count() ?? 0,
    context: field.get('context').string(),
  };
}
