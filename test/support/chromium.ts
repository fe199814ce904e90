import { execFile } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** A browser without a window, if this machine has one. */
export const CHROMIUM = (process.env['PATH'] ?? '')
  .split(delimiter)
  .flatMap((directory) => ['chromium', 'chromium-browser', 'google-chrome'].map((name) => join(directory, name)))
  .find(isExecutable);

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What a browser made of a page. */
export interface Rendering {
  /** The document after loading, as HTML. */
  readonly dom: string;
  /** What the page wrote on its console, and what the browser complained of there. */
  readonly console: readonly string[];
}

const FLAGS = '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking'.split(' ');
const LONGEST_MS = 60_000;

/** Opens a file. */
export async function render(file: string): Promise<Rendering> {
  const { stdout, stderr } = await runChromium(['--enable-logging=stderr', '--dump-dom', `file://${file}`]);
  return { dom: stdout, console: stderr.split('\n').filter((line) => line.includes(':CONSOLE')) };
}

/** Writes a picture of a file as the browser shows it, as PNG. */
export async function screenshot(file: string, picture: string, width: number, height: number): Promise<void> {
  await runChromium([`--window-size=${width},${height}`, '--hide-scrollbars', `--screenshot=${picture}`, `file://${file}`]);
}

function runChromium(flags: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  const profile = mkdtempSync(join(tmpdir(), 'vhostguard-chromium-'));
  return new Promise<{ stdout: string; stderr: string }>((resolve, reject) => {
    const options = { timeout: LONGEST_MS, maxBuffer: 64 * 1024 * 1024 };
    execFile(CHROMIUM ?? '', [...FLAGS, `--user-data-dir=${profile}`, ...flags], options, (error, stdout, stderr) => {
      if (error === null) resolve({ stdout, stderr });
      else reject(error);
    });
  }).finally(() => rmSync(profile, { recursive: true, force: true, maxRetries: 5 }));
}
