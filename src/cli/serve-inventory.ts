import type { KindState } from '../cluster/inventory-cache.ts';
import { AppError } from '../core/errors.ts';
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
  /** Where `/` of the container is, for programs that act as one; that itself by default. */
  readonly serviceAccountRoot?: string | undefined;
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
  let unread = 0;
  for (const file of gathering.files()) {
    if (reportUnread(file, io)) unread += 1;
    if (file.state === 'read') objects += file.content.manifests.length;
  }
  if (unread > 0) throw incomplete(unread);
  return {
    inventory: gathering.inventory,
    note: `inventory ${objects} objects from ${paths.join(', ')}; what is not there is unknown, and rules that need it skip`,
    unreadiness: () => [],
    stop: () => undefined,
  };
}

function incomplete(unread: number): AppError {
  const hint = 'rules do not judge what they cannot look up: correct what is named above, or leave it out of --inventory';
  return new AppError('INPUT_UNREADABLE', `${unread === 1 ? 'one file' : `${unread} files`} of the inventory cannot be read`, { hint });
}

async function fromCluster(options: ServeInventoryOptions, io: CommandIo): Promise<ServeInventory> {
  const { kubeconfig, inCluster, serviceAccountRoot } = options;
  // Loading what follows a cluster takes as long as checking a few files, which only this is worth.
  const { startLiveInventory } = await import('../cluster/live-inventory.ts');
  const tell = (message: string): void => void io.stderr.write(`vhostguard: ${message}\n`);
  const log = { info: tell, warn: tell };
  const live = startLiveInventory({ kubeconfig, isInCluster: inCluster, serviceAccountRoot, log, now: () => performance.now() });
  const where = inCluster ? 'this pod' : kubeconfig;
  return {
    inventory: live.inventory,
    note: `inventory the cluster of ${where}, followed as it changes; until it is read, rules that need it skip and /readyz says so`,
    unreadiness: live.unsynced,
    kinds: live.kinds,
    stop: () => void live.stop(),
  };
}
