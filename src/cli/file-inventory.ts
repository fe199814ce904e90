import type { ClusterContents } from '../cluster/read.ts';
import { MemoryInventory } from '../kube/memory-inventory.ts';
import type { CommandIo } from './io.ts';
import { readSnapshotFile } from './snapshot-file.ts';

/** What is known of the cluster besides the files given: nothing, a snapshot of it, or itself. */
export interface InventoryOptions {
  readonly namespace: string;
  /** A file that holds all that the cluster has of what rules look up. */
  readonly snapshot?: string | undefined;
  /** Age from which on the user is warned of a snapshot, in milliseconds; none otherwise. */
  readonly maxSnapshotAgeMs?: number | undefined;
  /** Reads the cluster of a kubeconfig, by default the one that kubectl would use. */
  readonly cluster?: { readonly kubeconfig?: string | undefined } | undefined;
}

/** Longest wait for an answer of the cluster, in milliseconds. */
const CLUSTER_TIMEOUT_MS = 30_000;

/**
 * An inventory that files may add to; what they add goes before what it holds.
 *
 * @throws AppError INPUT_UNREADABLE, INPUT_SYNTAX, CLUSTER_UNREACHABLE
 */
export async function createInventory(options: InventoryOptions, io: CommandIo): Promise<MemoryInventory> {
  const { snapshot, cluster, namespace, maxSnapshotAgeMs = Infinity } = options;
  if (cluster !== undefined) return inventoryOf(await readClusterOf(cluster.kubeconfig, io), 'the cluster', namespace);
  if (snapshot !== undefined) return inventoryOf(readSnapshotFile(snapshot, maxSnapshotAgeMs, io), `the snapshot ${snapshot}`, namespace);
  return new MemoryInventory({ isComplete: false, description: 'the files given', defaultNamespace: namespace });
}

function inventoryOf(
  { objects, unknownKinds }: Pick<ClusterContents, 'objects' | 'unknownKinds'>,
  description: string,
  defaultNamespace: string,
): MemoryInventory {
  const inventory = new MemoryInventory({ isComplete: true, unknownKinds, description, defaultNamespace });
  for (const object of objects) inventory.add(object);
  return inventory;
}

/** What a cluster holds; what could not be read of it is said on stderr. @throws AppError CLUSTER_UNREACHABLE */
export async function readClusterOf(kubeconfig: string | undefined, io: CommandIo): Promise<ClusterContents> {
  // Loading the Kubernetes client takes half a second, which only this is worth.
  const { readCluster } = await import('../cluster/read.ts');
  const contents = await readCluster({ kubeconfig, timeoutMs: CLUSTER_TIMEOUT_MS });
  for (const note of contents.notes) io.stderr.write(`vhostguard: ${note}\n`);
  return contents;
}
