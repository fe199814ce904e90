import { isAbsolute, relative, resolve, sep } from 'node:path';
import { STDIN_NAME } from './read-text.ts';

/**
 * A file's path as a repository has it: below `GITHUB_WORKSPACE` when that holds the file, else below the working directory, with
 * forward slashes; absolute where it is below neither.
 */
export function createSourcePath(env: Readonly<Record<string, string | undefined>>): (file: string) => string {
  const roots = [env['GITHUB_WORKSPACE'] ?? '', ''].map((root) => resolve(root));
  return (file) => {
    if (file === STDIN_NAME) return file;
    const path = resolve(file);
    const below = roots.map((root) => relative(root, path)).find((candidate) => !isAbsolute(candidate) && candidate.split(sep)[0] !== '..');
    return below === undefined ? path : below.split(sep).join('/');
  };
}
