import type { KindState } from '../cluster/inventory-cache.ts';
import type { Inventory } from '../kube/inventory.ts';
import { gather } from './gather.ts';
import type { CommandIo } from './io.ts';
import { reportUnread } from './unread.ts';

/** Where a server looks things up: in files, or in a cluster as it is. */
export interface ServeInventoryOptions {
  /** Files and directories that hold the NADs and what else rules look up; not read with a cluster. */
  readonly inventory: readonly string[];
  /** The kubeconfig of the cluster that is followed. */
  readonly kubeconfig?: string | undefined;
  /** Follows the cluster of this pod instead. */
  readonly inCluster?: true | undefined;
}

/** What a server looks things up in. */
export interface ServeInventory {
  readonly inventory: Inventory;
  /** For the user who started it. */
  readonly note: string;
  /** Why nothing should be asked of it yet; empty when it is complete. */
  readonly unreadiness: () => readonly string[];
  /** How well each kind is known; absent for files. */
  readonly kinds?: () => readonly KindState[];
  readonly stop: () => void;
}

/** @throws AppError INPUT_UNREADABLE, CLUSTER_UNREACHABLE */
export function createServeInventory(options: ServeInventoryOptions, io: CommandIo): Promise<ServeInventory> {
  return options.kubeconfig === undefined && options.inCluster === undefined ? fromFiles(options.inventory, io) : fromCluster(options, io);
}

async function fromFiles(paths: readonly string[], io: CommandIo): Promise<ServeInventory> {
  const gathering = await gather({ paths, isRecursive: false, namespace: 'default' }, io);
  let objects = 0;
  for (const file of gathering.files()) {
    reportUnread(file, io);
    if (file.state === 'read') objects += file.content.manifests.length;
  }
  return {
    inventory: gathering.inventory,
    note: `inventory ${objects} objects from ${paths.join(', ')}; what is not there is unknown, and rules that need it skip`,
    unreadiness: () => [],
    stop: () => undefined,
  };
}

async function fromCluster({ kubeconfig, inCluster }: ServeInventoryOptions, io: CommandIo): Promise<ServeInventory> {
  // Loading the Kubernetes client takes half a second, which only this is worth.
  const { startLiveInventory } = await import('../cluster/live-inventory.ts');
  const tell = (message: string): void => void io.stderr.write(`vhostguard: ${message}\n`);
  const live = startLiveInventory({ kubeconfig, isInCluster: inCluster, log: { info: tell, warn: tell }, now: () => performance.now() });
  const where = inCluster ? 'this pod' : kubeconfig;
  return {
    inventory: live.inventory,
    note: `inventory the cluster of ${where}, followed as it changes; until it is read, rules that need it skip and /readyz says so`,
    unreadiness: live.unsynced,
    kinds: live.kinds,
    stop: () => void live.stop(),
  };
}
