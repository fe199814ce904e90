import type { JsonObject } from '../core/json.ts';
import { connect } from './api-server.ts';
import { believedMs, withoutHostCondition } from './host-condition.ts';
import { type KubeconfigOptions, readKubeconfig } from './kubeconfig.ts';
import { type Listing, list } from './list.ts';
import { describeMissingVerb, describeNotInstalled, RESOURCES, type Resource } from './resources.ts';

/** What rules look up of a cluster, as it was while it was read. */
export interface ClusterContents {
  /** By kind, then in the order of the API server. */
  readonly objects: readonly JsonObject[];
  /** Kinds that the user may not list, each with why nothing is known of it. */
  readonly unknownKinds: ReadonlyMap<string, string>;
  /** One line each, for the user: what was read, and what not. */
  readonly notes: readonly string[];
}

/** Lists under way at once: enough to hide the round trips, too few to be throttled. */
const CONCURRENT_LISTS = 4;

/**
 * Reads everything once. A kind that is not installed has no objects; one that the user may not list is unknown.
 *
 * @throws AppError CLUSTER_UNREACHABLE
 */
export async function readCluster(options: KubeconfigOptions): Promise<ClusterContents> {
  const access = await readKubeconfig(options);
  const { get, close } = connect(access, options.timeoutMs);
  const listings = new Map<Resource, Listing>();
  const waiting = RESOURCES.values();
  const work = async (): Promise<void> => {
    for (const resource of waiting) listings.set(resource, await list(resource, get));
  };
  try {
    await Promise.all(Array.from({ length: CONCURRENT_LISTS }, work));
  } finally {
    close();
  }
  const contents = RESOURCES.map((resource) => contentsOf(resource, listings.get(resource)));
  const objects = contents.flatMap((each) => each.objects);
  return {
    objects,
    unknownKinds: new Map(contents.flatMap((each) => (each.unknown === undefined ? [] : [each.unknown]))),
    notes: [
      `read ${objects.length} objects from ${new URL(access.server).host}, context ${JSON.stringify(access.context)}`,
      ...contents.flatMap((each) => each.note ?? []),
    ],
  };
}

function believed(node: JsonObject): JsonObject {
  return believedMs(node, Date.now()) > 0 ? node : withoutHostCondition(node);
}

interface KindContents {
  readonly objects: readonly JsonObject[];
  readonly unknown?: readonly [kind: string, reason: string];
  readonly note?: string;
}

function contentsOf(resource: Resource, listing: Listing | undefined): KindContents {
  const { kind, plural } = resource;
  if (listing?.state === 'listed') return { objects: kind === 'Node' ? listing.objects.map(believed) : listing.objects };
  if (listing?.state === 'not-installed') return { objects: [], note: describeNotInstalled(resource) };
  return {
    objects: [],
    unknown: [kind, `${plural} could not be listed: forbidden`],
    note: describeMissingVerb(resource, 'list'),
  };
}
