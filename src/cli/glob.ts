import { lstatSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { compareText } from '../core/compare-text.ts';

/** What a pattern matches. */
export interface GlobMatches {
  /** Sorted; each file once, however many links lead to it. A link that leads nowhere is a match too. */
  readonly files: readonly string[];
  /** Directories that could not be read. */
  readonly failures: readonly { readonly path: string; readonly thrown: unknown }[];
}

/** The files that a pattern matches, which a shell leaves to us when it is quoted; `undefined` for a path that is no pattern. */
export async function expandGlob(pattern: string): Promise<GlobMatches | undefined> {
  // Loading it takes 25 ms, which only a pattern is worth.
  const { globSync, isDynamicPattern } = await import('tinyglobby');
  if (!isDynamicPattern(pattern)) return undefined;
  const failures: { path: string; thrown: unknown }[] = [];
  const readDirectory = (path: string, options: { withFileTypes: true }) => {
    if (basename(path) === 'node_modules' && !pattern.includes('node_modules')) return [];
    try {
      return readdirSync(path, options);
    } catch (thrown) {
      failures.push({ path, thrown });
      return [];
    }
  };
  const files = globSync(pattern, {
    absolute: isAbsolute(pattern),
    expandDirectories: false,
    // The library passes over in silence what it cannot read, and links that lead nowhere.
    fs: {
      readdirSync: readDirectory as typeof readdirSync,
      realpathSync: ((path: string) => attempt(() => realpathSync(path)) ?? path) as typeof realpathSync,
      statSync: ((path: string) => attempt(() => statSync(path)) ?? lstatSync(path)) as typeof statSync,
    },
  });
  return { files: shortestNames(files), failures };
}

/** Each file by the shortest of the names that links give it. */
function shortestNames(files: readonly string[]): string[] {
  const byIdentity = new Map<string, string>();
  for (const file of files.toSorted((a, b) => a.length - b.length || compareText(a, b))) {
    const identity = attempt(() => realpathSync(file)) ?? join(realpathSync(dirname(file)), basename(file));
    if (!byIdentity.has(identity)) byIdentity.set(identity, file);
  }
  return [...byIdentity.values()].sort(compareText);
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
