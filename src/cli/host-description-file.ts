import { createSchemaCheck, describeProblems, describeSyntaxProblem, withoutNulls } from '../configuration/checked-document.ts';
import { AppError, describeError } from '../core/errors.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import type { WrittenDescription } from '../host-plan/description.ts';
import type { DescriptionProblem } from '../host-plan/problems.ts';
import { DESCRIPTION_SCHEMA } from '../host-plan/schema.ts';
import { readManifests } from '../manifest/read.ts';
import { capturedFacts, isSnapshot } from './captured-host.ts';
import type { HostFacts } from './described-host.ts';
import { readText } from './read-text.ts';

/** A host's description, and where in its file a mistake lies. */
export interface DescriptionFile {
  readonly written: WrittenDescription;
  /** The problems with the lines of the file in front. */
  readonly describe: (problems: readonly DescriptionProblem[]) => string[];
}

/** A host that was captured in a file. */
export interface CapturedHost {
  readonly captured: HostFacts;
}

const findSchemaProblems = createSchemaCheck(DESCRIPTION_SCHEMA, {
  apiVersion: 'is missing: the file must say "apiVersion: vhostguard.dev/v1alpha1"',
  kind: 'is missing: the file must say "kind: HostDescription"',
  cpus: 'is missing: a NUMA node must have the list of its CPUs',
  pci: 'is missing: a NIC must have its PCI address',
});

/**
 * Reads a host's description, or a snapshot of a host, in YAML or JSON.
 * @throws AppError CONFIG_INVALID with everything that is wrong with its shape; INPUT_UNREADABLE for a snapshot that knows too little
 */
export function readDescriptionFile(file: string): DescriptionFile | CapturedHost {
  const { manifests, errors } = readManifests(readFile(file), file);
  const [manifest] = manifests;
  if (errors.length > 0) throw invalidDescription(errors.map(describeSyntaxProblem));
  if (manifest === undefined || manifests.length > 1) {
    throw invalidDescription([`${file}: it must hold one document, of kind HostDescription or HostSnapshot, not ${manifests.length}`]);
  }
  if (isSnapshot(manifest)) return { captured: capturedFacts(manifest) };
  const candidate = withoutNulls(manifest.object);
  const problems = findSchemaProblems(candidate);
  if (problems.length > 0) throw invalidDescription(describeProblems(manifest, problems));
  return { written: toWritten(candidate), describe: (found) => describeProblems(manifest, found) };
}

/** @param lines one for each mistake. */
export function invalidDescription(lines: readonly string[]): AppError {
  return new AppError('CONFIG_INVALID', lines.join('\n'), { hint: 'docs/ovs-dpdk-node.md describes every key of a host description' });
}

function readFile(file: string): string {
  try {
    return readText(file);
  } catch (cause) {
    throw new AppError('CONFIG_INVALID', `cannot read the host description ${file}: ${describeError(cause)}`, {
      hint: 'give a file that this user may read',
      cause,
    });
  }
}

const LISTS = ['cpus', 'pmdCpus', 'reservedCpus', 'socketMem'];

/** The checked document without its kind, and single CPUs as the lists that they are. */
function toWritten({ apiVersion: _, kind: __, ...rest }: JsonObject): WrittenDescription {
  const numa = Array.isArray(rest['numa']) ? { numa: rest['numa'].filter(isObject).map(withTexts) } : {};
  return { ...withTexts(rest), ...numa };
}

function withTexts(object: JsonObject): Record<string, unknown> & { readonly cpus: string } {
  const entries = Object.entries(object).map(([key, value]) => [key, LISTS.includes(key) ? String(value) : value]);
  return Object.fromEntries(entries);
}
