import { subjectOf } from '../core/subject.ts';
import type { Engine } from '../engine/engine.ts';
import type { Finding, Fix } from '../engine/finding.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { rewrite } from '../manifest/rewrite.ts';

/** One finding that was repaired in a file's text. */
export interface Applied {
  readonly manifest: Manifest;
  readonly finding: Finding;
}

/** Repairs every object of a file in its text; what no repair touches keeps every byte. @throws AppError NOT_REWRITABLE */
export function rewriteFile(
  text: string,
  manifests: readonly Manifest[],
  engine: Engine,
  namespace: string,
  safety: Fix['safety'],
): { readonly text: string; readonly applied: readonly Applied[] } {
  const changes = manifests.map((manifest) => {
    const { repaired } = engine.repair(subjectOf(manifest.object, namespace), safety);
    return {
      manifest,
      repaired,
      edits: repaired.flatMap(({ fix }) => fix?.edits ?? []),
    };
  });
  const needed = changes.filter(({ edits }) => edits.length > 0);
  const applied = needed.flatMap(({ manifest, repaired }) => repaired.map((finding) => ({ manifest, finding })));
  return { text: needed.length === 0 ? text : rewrite(text, needed), applied };
}
