import { readFileSync } from 'node:fs';

interface PackageFile {
  readonly version: string;
}

/** This program's version, from its package file. */
export const VERSION = (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as PackageFile).version;
