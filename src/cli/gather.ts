import { AppError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { MemoryInventory } from '../kube/memory-inventory.ts';
import { type ManifestFile, readManifests } from '../manifest/read.ts';
import { readObjects } from '../manifest/read-objects.ts';
import type { Renderer } from '../report/report.ts';
import { isSnapshotHead, readSnapshot } from '../snapshot/read.ts';
import { createInventory, type InventoryOptions } from './file-inventory.ts';
import type { CommandIo } from './io.ts';
import { listSources, type Source, type SourceOptions } from './sources.ts';

/** The files of one run, and what they say of the cluster. */
export interface Gathering {
  readonly inventory: MemoryInventory;
  /** Reads the files one after the other; none is kept. Those that cannot be read come as an error. */
  readonly files: () => Iterable<GatheredFile>;
}

export interface ReadFile {
  readonly state: 'read';
  readonly name: string;
  /** The program that made the text, where no file of that name holds it. */
  readonly renderedBy?: Renderer;
  readonly text: string;
  readonly content: ManifestFile;
}

export interface FailedFile {
  readonly state: 'failed';
  readonly name: string;
  readonly error: AppError;
}

export type GatheredFile = ReadFile | FailedFile;

export type GatherOptions = InventoryOptions & SourceOptions;

/** Kinds that rules look up. A document without any of these words is parsed once only, when it is judged. */
const CONTEXT_KIND =
  /NetworkAttachmentDefinition|VirtualMachine(?:Cluster)?(?:Instancetype|Preference)|KubeVirt\b|ControllerRevision|\b(?:Node|Namespace|Snapshot)\b/;

/**
 * Reads everything twice: first the documents that rules look up, so that a NAD counts wherever it stands, then all of it for judgement.
 *
 * @throws AppError INPUT_UNREADABLE or INPUT_SYNTAX for the snapshot of `--snapshot`, CLUSTER_UNREACHABLE
 */
export async function gather(options: GatherOptions, io: CommandIo): Promise<Gathering> {
  const { sources, errors } = await listSources(options, io);
  const inventory = await createInventory(options, io);
  const snapshots = new Map<Source, GatheredFile>();
  for (const source of sources) {
    const objects = readContext(source);
    for (const object of objects) inventory.add(object);
    if (objects.some(isSnapshotHead)) snapshots.set(source, withoutSnapshot(readSource(source), io));
  }
  return {
    inventory,
    *files() {
      for (const { file, error } of errors) yield { state: 'failed', name: file, error };
      for (const source of sources) yield snapshots.get(source) ?? readSource(source);
    },
  };
}

/** The objects of a source that rules may look up. What cannot be read is no matter here: it is heard of when it is judged. */
function readContext(source: Source): JsonObject[] {
  try {
    const text = source.read();
    return CONTEXT_KIND.test(text) ? readObjects(text, source.name, CONTEXT_KIND) : [];
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    return [];
  }
}

/** A snapshot of a cluster that lies among the files is looked up in. Its objects are not whole, so that none is judged. */
function withoutSnapshot(file: GatheredFile, io: CommandIo): GatheredFile {
  if (file.state === 'failed') return file;
  const objects = file.content.manifests.map(({ object }) => object);
  try {
    readSnapshot(objects, 'it');
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    return { state: 'failed', name: file.name, error: thrown };
  }
  io.stderr.write(`vhostguard: note: ${file.name} is a snapshot: it is not judged, and with --snapshot what is not in it does not exist\n`);
  return { ...file, content: { manifests: [], errors: file.content.errors } };
}

function readSource(source: Source): GatheredFile {
  const { name, renderedBy } = source;
  try {
    const text = source.read();
    const content = readManifests(text, name);
    return { state: 'read', name, ...(renderedBy === undefined ? {} : { renderedBy }), text, content };
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    return { state: 'failed', name, error: thrown };
  }
}
