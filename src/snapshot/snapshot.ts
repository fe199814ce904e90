/** The group and version of all of this program's own kinds. */
export const API_VERSION = 'vhostguard.dev/v1alpha1';

export const SNAPSHOT_KIND = 'Snapshot';

/** The form of a snapshot. One of another form is not read: what is missing in it would be taken for absent. */
export const SNAPSHOT_VERSION = 1;

/** What a snapshot says of itself, in its first document. */
export interface Snapshot {
  readonly takenAt: Date;
  /** Kinds that could not be listed, each with why. */
  readonly unknownKinds: ReadonlyMap<string, string>;
}
