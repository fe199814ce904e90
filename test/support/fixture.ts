import { readFileSync } from 'node:fs';
import { DEFAULT_SETTINGS, type Settings } from '../../src/core/settings.ts';
import { subjectOf } from '../../src/core/subject.ts';
import { createEngine, type Engine } from '../../src/engine/engine.ts';
import type { Finding } from '../../src/engine/finding.ts';
import { MemoryInventory } from '../../src/kube/memory-inventory.ts';
import type { Manifest } from '../../src/manifest/manifest.ts';
import { readManifests } from '../../src/manifest/read.ts';
import { RULES } from '../../src/rules/index.ts';

/** A day on which nothing in the tests expires. */
export const TODAY = '2026-11-22';

/** An engine with every rule over an inventory of `objects`, as `vhostguard check` has it. */
export function engineOver(objects: Iterable<Parameters<MemoryInventory['add']>[0]>, settings: Settings = DEFAULT_SETTINGS): Engine {
  const inventory = new MemoryInventory({
    isComplete: false,
    description: 'the files given',
    defaultNamespace: 'default',
  });
  for (const object of objects) inventory.add(object);
  return createEngine({ rules: RULES, inventory, settings, today: TODAY });
}

/** Reads a YAML file whole; throws on any syntax problem. */
export function readFixture(file: string): {
  readonly text: string;
  readonly manifests: readonly Manifest[];
} {
  const text = readFileSync(file, 'utf8');
  const { manifests, errors } = readManifests(text, file);
  if (errors.length > 0) throw new Error(`${file} does not parse: ${JSON.stringify(errors)}`);
  return { text, manifests };
}

/** A finding where a reader of the file sees it. */
export interface PlacedFinding {
  readonly line: number;
  readonly finding: Finding;
  readonly manifest: Manifest;
}

function placeOf(manifest: Manifest, { path, offset }: Finding): { readonly line: number } {
  return offset === undefined ? manifest.locate(path) : manifest.locateOffset(path, offset);
}

/** Everything the rules say of a file's objects as written, with the whole file as inventory. */
export function findingsOf(manifests: readonly Manifest[], settings: Settings = DEFAULT_SETTINGS): PlacedFinding[] {
  const engine = engineOver(
    manifests.map(({ object }) => object),
    settings,
  );
  return manifests.flatMap((manifest) =>
    engine.evaluate(subjectOf(manifest.object, 'default')).findings.map((finding) => ({
      line: placeOf(manifest, finding).line,
      finding,
      manifest,
    })),
  );
}
