import { AppError } from '../core/errors.ts';
import type { MemoryInventory } from '../kube/memory-inventory.ts';
import { type ManifestFile, readManifests } from '../manifest/read.ts';
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

/** Kinds that rules look up. A file without any of these words is parsed once only, when it is judged. */
const CONTEXT_KIND =
  /NetworkAttachmentDefinition|VirtualMachine(?:Cluster)?(?:Instancetype|Preference)|KubeVirt\b|ControllerRevision|\b(?:Node|Namespace|Snapshot)\b/;

/** Parsed files are kept from the first pass to the second up to this many characters of text; parsed they take 25 times as much. */
const MOST_KEPT = 4 * 1024 * 1024;

/**
 * Reads everything twice: first what rules look up, so that a NAD counts wherever it stands, then all of it for judgement.
 *
 * @throws AppError INPUT_UNREADABLE or INPUT_SYNTAX for the snapshot of `--snapshot`, CLUSTER_UNREACHABLE
 */
export async function gather(options: GatherOptions, io: CommandIo): Promise<Gathering> {
  const { sources, errors } = await listSources(options, io);
  const inventory = await createInventory(options, io);
  const snapshots = new Map<Source, GatheredFile>();
  const kept = new Map<Source, ReadFile>();
  let keptCharacters = 0;
  for (const source of sources) {
    const file = readSource(source, CONTEXT_KIND);
    if (file === undefined || file.state === 'failed') continue;
    for (const { object } of file.content.manifests) inventory.add(object);
    if (file.content.manifests.some(({ object }) => isSnapshotHead(object))) {
      snapshots.set(source, withoutSnapshot(file, io));
      continue;
    }
    if (keptCharacters + file.text.length > MOST_KEPT) continue;
    keptCharacters += file.text.length;
    kept.set(source, file);
  }
  return {
    inventory,
    *files() {
      for (const { file, error } of errors) yield { state: 'failed', name: file, error };
      for (const source of sources) {
        const file = snapshots.get(source) ?? kept.get(source) ?? readSource(source);
        kept.delete(source);
        if (file !== undefined) yield file;
      }
    },
  };
}

/** A snapshot of a cluster that lies among the files is looked up in. Its objects are not whole, so that none is judged. */
function withoutSnapshot(file: ReadFile, io: CommandIo): GatheredFile {
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

/** @param only skips files whose text does not match. */
function readSource({ name, renderedBy, read }: Source, only?: RegExp): GatheredFile | undefined {
  try {
    const text = read();
    if (only !== undefined && !only.test(text)) return undefined;
    const content = readManifests(text, name);
    return { state: 'read', name, ...(renderedBy === undefined ? {} : { renderedBy }), text, content };
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    return { state: 'failed', name, error: thrown };
  }
}
