import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The built entry of the program, built first where it is older than its sources. */
export function builtProgram(): string {
  const entry = `${ROOT}dist/main.js`;
  const newest = Math.max(
    ...readdirSync(`${ROOT}src`, { recursive: true, encoding: 'utf8' }).map((name) => statSync(`${ROOT}src/${name}`).mtimeMs),
  );
  if (!existsSync(entry) || statSync(entry).mtimeMs < newest) {
    execFileSync(process.execPath, [`${ROOT}node_modules/typescript/bin/tsc`, '-p', ROOT], { stdio: ['ignore', 2, 2] });
  }
  return entry;
}
