import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readManifests } from '../../src/manifest/read.ts';

// As in the program, see src/main.ts.
process.env = { ...process.env };

// The yardstick of `check`: reads and parses the same files once and judges nothing.
const [directory = '.'] = process.argv.slice(2);

let manifests = 0;
for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' })) {
  const path = join(directory, name);
  if (statSync(path).isFile()) manifests += readManifests(readFileSync(path, 'utf8'), path).manifests.length;
}
process.stdout.write(`${manifests}\n`);
