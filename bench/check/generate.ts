import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deployment, networkAttachmentDefinition, service, virtualMachine, virtualMachineInstance } from './manifests.ts';

/** Files in one directory, about as many as people put there. */
const FILES_PER_DIRECTORY = 100;

/**
 * Writes `count` manifests below `directory`, the same ones every time. Of ten files four are of ordinary applications and six of VMs,
 * two of these with a network of their own. A tenth of the VMs has something to find.
 *
 * @param perFile most documents of a file; three or four otherwise.
 * @returns the bytes written.
 */
export function generateManifests(directory: string, count: number, perFile = Infinity): number {
  let bytes = 0;
  let written = 0;
  for (let file = 0; written < count; file += 1) {
    const documents = documentsOf(file).slice(0, Math.min(perFile, count - written));
    const parent = join(directory, `team-${Math.floor(file / FILES_PER_DIRECTORY)}`);
    mkdirSync(parent, { recursive: true });
    const text = documents.join('---\n');
    writeFileSync(join(parent, `app-${file}.yaml`), text);
    bytes += Buffer.byteLength(text);
    written += documents.length;
  }
  return bytes;
}

function documentsOf(file: number): string[] {
  const name = `app-${file}`;
  const turn = file % 10;
  if (turn < 4) return [deployment(name), service(name), deployment(`${name}-worker`), service(`${name}-worker`)];
  const isComplete = file % 7 !== 0;
  const machines = [virtualMachine(name, isComplete), virtualMachineInstance(`${name}-0`, true)];
  // The first file of VMs has the network that the VMs of all files are on.
  const network = networkAttachmentDefinition(file === FIRST_OF_VMS ? 'userspace-ovs-net-1' : name);
  return turn < 6 ? [network, ...machines] : [...machines, virtualMachineInstance(`${name}-1`, true)];
}

const FIRST_OF_VMS = 4;
