import type { AppError } from '../core/errors.ts';
import type { MemoryInventory } from '../kube/memory-inventory.ts';
import { type ManifestFile, readManifests } from '../manifest/read.ts';
import { createInventory, type InventoryOptions } from './file-inventory.ts';
import type { CommandIo } from './io.ts';
import { listSources, type Source } from './sources.ts';

/** The files of one run, and what they say of the cluster. */
export interface Gathering {
  readonly inventory: MemoryInventory;
  /** Reads the files one after the other; none is kept. Those that cannot be read come as an error. */
  readonly files: () => Iterable<GatheredFile>;
}

export type GatheredFile =
  | {
      readonly state: 'read';
      readonly name: string;
      readonly text: string;
      readonly content: ManifestFile;
    }
  | {
      readonly state: 'failed';
      readonly name: string;
      readonly error: AppError;
    };

export interface GatherOptions extends InventoryOptions {
  readonly paths: readonly string[];
  readonly isRecursive: boolean;
}

/** Kinds that rules look up. A file without any of these words is parsed once only, when it is judged. */
const CONTEXT_KIND =
  /NetworkAttachmentDefinition|VirtualMachine(?:Cluster)?(?:Instancetype|Preference)|KubeVirt\b|ControllerRevision|\b(?:Node|Namespace)\b/;

/** Parsed files are kept from the first pass to the second up to this many characters of text. */
const MOST_KEPT = 32 * 1024 * 1024;

/**
 * Reads everything twice: first what rules look up, so that a NAD counts wherever it stands, then all of it for judgement.
 *
 * @throws AppError INPUT_UNREADABLE for a snapshot that cannot be read, CLUSTER_UNREACHABLE
 */
export async function gather(options: GatherOptions, io: CommandIo): Promise<Gathering> {
  const { sources, errors } = await listSources(options.paths, options.isRecursive, io);
  const inventory = await createInventory(options, io);
  const kept = new Map<string, GatheredFile>();
  let keptCharacters = 0;
  for (const source of sources) {
    const file = readSource(source, CONTEXT_KIND);
    if (file === undefined || file.state === 'failed') continue;
    for (const { object } of file.content.manifests) inventory.add(object);
    keptCharacters += file.text.length;
    if (keptCharacters < MOST_KEPT) kept.set(source.name, file);
  }
  return {
    inventory,
    *files() {
      for (const { file, error } of errors) yield { state: 'failed', name: file, error };
      for (const source of sources) {
        const file = kept.get(source.name) ?? readSource(source);
        kept.delete(source.name);
        if (file !== undefined) yield file;
      }
    },
  };
}

/** @param only skips files whose text does not match. */
function readSource(source: Source, only?: RegExp): GatheredFile | undefined {
  try {
    const text = source.read();
    if (only !== undefined && !only.test(text)) return undefined;
    return {
      state: 'read',
      name: source.name,
      text,
      content: readManifests(text, source.name),
    };
  } catch (thrown) {
    return { state: 'failed', name: source.name, error: thrown as AppError };
  }
}
