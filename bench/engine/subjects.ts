import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../../src/core/json.ts';
import { DEFAULT_SETTINGS } from '../../src/core/settings.ts';
import { type Subject, subjectOf } from '../../src/core/subject.ts';
import { createEngine, type Engine } from '../../src/engine/engine.ts';
import { MemoryInventory } from '../../src/kube/memory-inventory.ts';
import { readManifests } from '../../src/manifest/read.ts';
import { RULES } from '../../src/rules/index.ts';
import { EXAMPLES, reviewPath } from '../measure/places.ts';

/** A recorded review as it arrives, and the object in it. */
export interface RecordedReview {
  readonly kind: string;
  readonly body: Buffer;
  readonly subject: Subject;
}

const RECORDED = {
  VMI: '02-VirtualMachineInstance-CREATE',
  VM: '05-VirtualMachine-CREATE',
  Pod: '11-Pod-CREATE',
  NAD: '10-NetworkAttachmentDefinition-UPDATE',
};

export const REVIEWS: readonly RecordedReview[] = Object.entries(RECORDED).map(([kind, name]) => {
  const body = readFileSync(reviewPath(name));
  const { request } = JSON.parse(body.toString('utf8')) as { request: { object: JsonObject } };
  return { kind, body, subject: subjectOf(request.object, 'default') };
});

/** The engine with every rule and the inventory of the examples, as `vhostguard serve` has it without flags. */
export function createExampleEngine(): Engine {
  const inventory = new MemoryInventory({ isComplete: false, description: 'the examples', defaultNamespace: 'default' });
  for (const name of readdirSync(EXAMPLES)) {
    for (const { object } of readManifests(readFileSync(join(EXAMPLES, name), 'utf8'), name).manifests) inventory.add(object);
  }
  return createEngine({ rules: RULES, inventory, settings: DEFAULT_SETTINGS, today: '2026-01-01' });
}
