import { writeSnapshot } from '../snapshot/write.ts';
import { readClusterOf } from './file-inventory.ts';
import type { CommandIo, ExitCode } from './io.ts';
import { writeOutputs } from './outputs.ts';

export interface SnapshotOptions {
  readonly kubeconfig?: string | undefined;
  /** Where to; stdout otherwise. */
  readonly output?: string | undefined;
}

/** `vhostguard snapshot`: writes what rules look up of a cluster, for `--snapshot`. @throws AppError CLUSTER_UNREACHABLE, OUTPUT_UNWRITABLE */
export async function snapshot({ kubeconfig, output }: SnapshotOptions, io: CommandIo): Promise<ExitCode> {
  const takenAt = io.now();
  const { objects, unknownKinds } = await readClusterOf(kubeconfig, io);
  writeOutputs([{ text: writeSnapshot({ takenAt, unknownKinds }, objects), file: output }], io);
  return 0;
}
