import { AppError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import { readManifests } from '../manifest/read.ts';
import { readSnapshot } from '../snapshot/read.ts';
import type { CommandIo } from './io.ts';
import { readText } from './read-text.ts';

/** What a file says of a cluster. */
export interface SnapshotContents {
  readonly objects: readonly JsonObject[];
  readonly unknownKinds: ReadonlyMap<string, string>;
}

/**
 * Reads a snapshot, or plain manifests that stand for one, and says on stderr when it is too old to be believed.
 *
 * @param maxAgeMs in milliseconds.
 * @throws AppError INPUT_UNREADABLE, INPUT_SYNTAX
 */
export function readSnapshotFile(file: string, maxAgeMs: number, io: CommandIo): SnapshotContents {
  const { manifests, errors } = readManifests(readSnapshotText(file), file);
  const [problem] = errors;
  if (problem !== undefined) {
    const at = `${file}:${problem.line}:${problem.column}`;
    throw new AppError('INPUT_SYNTAX', `cannot read the snapshot ${at}: ${problem.message}`, {
      hint: problem.hint ?? 'what is not read would be taken for absent: repair the file, or take it again with `vhostguard snapshot`',
    });
  }
  const objects = manifests.map(({ object }) => object);
  const snapshot = readSnapshot(objects, file);
  const note =
    snapshot === undefined ? describeUndated(file) : describeAge(file, io.now().getTime() - snapshot.takenAt.getTime(), maxAgeMs);
  if (note !== undefined) io.stderr.write(`vhostguard: ${note}\n`);
  return { objects, unknownKinds: snapshot?.unknownKinds ?? new Map() };
}

function readSnapshotText(file: string): string {
  try {
    return readText(file);
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    const { code, message, hint } = thrown;
    throw new AppError(code, `cannot read the snapshot ${file}: ${message}`, { ...(hint === undefined ? {} : { hint }), cause: thrown });
  }
}

function describeUndated(file: string): string {
  return `note: ${file} does not say when it was taken, so that its age is unknown: \`vhostguard snapshot\` writes it`;
}

function describeAge(file: string, ageMs: number, maxAgeMs: number): string | undefined {
  if (ageMs < -CLOCK_SKEW_MS) return `warning: the snapshot ${file} was taken in the future: check the clocks`;
  if (ageMs <= maxAgeMs) return undefined;
  return `warning: the snapshot ${file} is ${formatAge(ageMs)} old, more than --max-snapshot-age ${formatAge(maxAgeMs)}: take it again with \`vhostguard snapshot\``;
}

/** Two machines' clocks may be this far apart, in milliseconds. */
const CLOCK_SKEW_MS = 5 * 60_000;

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
] as const;

/** Rounded down to the largest unit that it fills. */
function formatAge(ageMs: number): string {
  const [unit, unitMs] = UNITS.find(([, each]) => ageMs >= each) ?? UNITS[2];
  return `${Math.floor(ageMs / unitMs)}${unit}`;
}
