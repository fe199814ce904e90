import { MemoryInventory } from '../kube/memory-inventory.ts';
import { readManifests } from '../manifest/read.ts';
import type { CommandIo } from './io.ts';
import { readText } from './sources.ts';

/** What is known of the cluster besides the files given: nothing, a snapshot of it, or itself. */
export interface InventoryOptions {
  readonly namespace: string;
  /** A file that holds all that the cluster has of what rules look up. */
  readonly snapshot?: string | undefined;
  /** Reads the cluster of a kubeconfig, by default the one that kubectl would use. */
  readonly cluster?: { readonly kubeconfig?: string | undefined } | undefined;
}

/** Longest wait for an answer of the cluster, in milliseconds. */
const CLUSTER_TIMEOUT_MS = 30_000;

/** An inventory that files may add to; what they add goes before what it holds. @throws AppError INPUT_UNREADABLE, CLUSTER_UNREACHABLE */
export async function createInventory({ snapshot, cluster, namespace }: InventoryOptions, io: CommandIo): Promise<MemoryInventory> {
  if (cluster !== undefined) return readInventory(cluster.kubeconfig, namespace, io);
  const inventory = new MemoryInventory({
    isComplete: snapshot !== undefined,
    description: snapshot === undefined ? 'the files given' : `the snapshot ${snapshot}`,
    defaultNamespace: namespace,
  });
  if (snapshot !== undefined) for (const { object } of readManifests(readText(snapshot), snapshot).manifests) inventory.add(object);
  return inventory;
}

async function readInventory(kubeconfig: string | undefined, namespace: string, io: CommandIo): Promise<MemoryInventory> {
  // Loading the Kubernetes client takes half a second, which only this option is worth.
  const { readCluster } = await import('../cluster/read.ts');
  const { objects, unknownKinds, notes } = await readCluster({ kubeconfig, timeoutMs: CLUSTER_TIMEOUT_MS });
  for (const note of notes) io.stderr.write(`vhostguard: ${note}\n`);
  const inventory = new MemoryInventory({ isComplete: true, unknownKinds, description: 'the cluster', defaultNamespace: namespace });
  for (const object of objects) inventory.add(object);
  return inventory;
}
