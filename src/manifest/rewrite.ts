import { applyEdits } from '../core/apply-edits.ts';
import type { Edit } from '../core/edit.ts';
import { AppError } from '../core/errors.ts';
import { surveyDocuments } from './document-survey.ts';
import type { Manifest } from './manifest.ts';
import { planEdit, Refusal } from './plan-edit.ts';
import { readManifests } from './read.ts';
import { sameObject } from './same-object.ts';
import { applySplices, type Splice } from './splice.ts';

/** Edits of one of the manifests that were read from a text. */
export interface ManifestChange {
  readonly manifest: Manifest;
  readonly edits: readonly Edit[];
}

/**
 * The text with the edits made, and every other byte as it was: comments, order, quoting, indentation, line endings.
 * The result is read back and compared with what the edits make of the objects, so that it is this or an error.
 *
 * @throws AppError NOT_REWRITABLE where an edit would change more than its own place, as in what an alias shares.
 */
export function rewrite(text: string, changes: readonly ManifestChange[]): string {
  const file = changes[0]?.manifest.file ?? '';
  const edits = new Map<number, Edit[]>();
  let manifests = readManifests(text, file).manifests;
  const places = new Map(manifests.map(({ root }, index) => [root.start, index]));
  for (const change of changes) {
    const index = change.manifest.lines.text === text ? places.get(change.manifest.root.start) : undefined;
    if (index === undefined) throw notRewritable(change.manifest, 'the text is not the one that the manifest was read from');
    edits.set(index, [...(edits.get(index) ?? []), ...change.edits]);
  }
  const expected = manifests.map(({ object }, index) => applyEdits(object, edits.get(index) ?? []));
  // One edit of each manifest per round: their places are apart, so that a round costs one reading whatever their number.
  const rounds = Math.max(0, ...Array.from(edits.values(), (list) => list.length));
  let current = text;
  for (let round = 0; round < rounds; round += 1) {
    current = makeRound(current, file, manifests, edits, round);
    manifests = readManifests(current, file).manifests;
  }
  const all = [...edits.values()].flat();
  if (manifests.length !== expected.length || manifests.some(({ object }, index) => !sameObject(object, expected[index], all))) {
    throw new AppError('NOT_REWRITABLE', `${file}: the edits cannot be written without changing something else`, {
      hint: 'make them by hand',
    });
  }
  return current;
}

function makeRound(
  text: string,
  file: string,
  manifests: readonly Manifest[],
  edits: ReadonlyMap<number, readonly Edit[]>,
  round: number,
): string {
  const survey = surveyDocuments(text);
  const splices: Splice[] = [];
  for (const [index, list] of edits) {
    const manifest = manifests[index];
    const edit = list[round];
    if (manifest === undefined || edit === undefined) continue;
    try {
      splices.push(...planEdit(manifest, edit, survey(manifest)));
    } catch (thrown) {
      if (thrown instanceof Refusal) throw notRewritable(manifest, thrown.message, thrown.start);
      throw thrown;
    }
  }
  const result = applySplices(text, splices);
  if (result === undefined) throw new AppError('NOT_REWRITABLE', `${file}: the edits overlap`, { hint: 'make them by hand' });
  return result;
}

function notRewritable(manifest: Manifest, reason: string, start = manifest.root.start): AppError {
  const { line } = manifest.lines.position(start, start);
  return new AppError('NOT_REWRITABLE', `${manifest.file}:${line}: ${reason}`, { hint: 'make the change by hand' });
}
