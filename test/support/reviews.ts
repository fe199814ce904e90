import { readdirSync, readFileSync } from 'node:fs';
import type { JsonObject } from '../../src/core/json.ts';
import { engineOver, readFixture } from './fixture.ts';

const REVIEWS = new URL('../data/admission-reviews/', import.meta.url);

/** The bodies that a real API server sent, by file name. */
export const RECORDED: ReadonlyMap<string, Buffer> = new Map(
  readdirSync(REVIEWS).map((name) => [name, readFileSync(new URL(name, REVIEWS))] as const),
);

/** A recorded body by the number its file name starts with. */
export function recorded(number: string): Buffer {
  const found = [...RECORDED].find(([name]) => name.startsWith(number));
  if (found === undefined) throw new Error(`no recorded review starts with ${number}`);
  return found[1];
}

/** The request in a recorded body. */
export function requestOf(body: Buffer): JsonObject & { readonly object: JsonObject; readonly oldObject: JsonObject | null } {
  return (JSON.parse(body.toString()) as { request: ReturnType<typeof requestOf> }).request;
}

/** A recorded VMI's review with members of its request replaced; `undefined` removes one. */
export function reviewWith(request: Readonly<Record<string, unknown>>, number = '02'): Buffer {
  const review = JSON.parse(recorded(number).toString()) as { request: object };
  return Buffer.from(JSON.stringify({ ...review, request: { ...review.request, ...request } }));
}

/** The engine of the embedded default: every rule, and the example manifests as inventory. */
export function exampleEngine(): ReturnType<typeof engineOver> {
  const directory = new URL('../../deploy/examples/', import.meta.url);
  const files = readdirSync(directory).map((name) => new URL(name, directory).pathname);
  return engineOver(files.flatMap((file) => readFixture(file).manifests.map(({ object }) => object)));
}
