import { type ExecFileException, execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { AppError } from '../core/errors.ts';
import { printable } from '../report/printable.ts';
import type { CommandIo } from './io.ts';
import { decode, LARGEST_BYTES, unreadable } from './read-text.ts';

/** What renders a kustomization, given its directory; the first that is installed does. */
const RENDERERS = [
  { program: 'kubectl', subcommand: 'kustomize' },
  { program: 'kustomize', subcommand: 'build' },
] as const;

/** A kustomization may fetch remote bases. */
const TIMEOUT_MS = 60_000;

/** Longest part of what a renderer says on standard error that is passed on, in characters. */
const MOST_SAID = 16_384;

/**
 * What a kustomization renders to. What the renderer says on its standard error goes to ours.
 *
 * @param timeoutMs longest wait for it, in milliseconds.
 * @throws AppError INPUT_UNREADABLE
 */
export async function renderKustomization(
  directory: string,
  io: Pick<CommandIo, 'env' | 'stderr'>,
  timeoutMs = TIMEOUT_MS,
): Promise<string> {
  requireDirectory(directory);
  for (const { program, subcommand } of RENDERERS) {
    const command = `${program} ${subcommand}`;
    const { error, stdout, stderr } = await runProgram([program, subcommand, '--', directory], io, timeoutMs);
    if (error?.code === 'ENOENT') continue;
    const said = printable(stderr.toString('utf8').slice(0, MOST_SAID)).trimEnd();
    if (said !== '') io.stderr.write(`${said}\n`);
    if (error !== null)
      throw new AppError('INPUT_UNREADABLE', describeFailure(command, error, said), { hint: hintFor(command, directory) });
    return decode(stdout);
  }
  throw new AppError('INPUT_UNREADABLE', '-k needs kubectl or kustomize, and neither is on the PATH', {
    hint: 'install one of them, or render elsewhere and pipe it: kustomize build DIR | vhostguard check -',
  });
}

/** Only what is here: a URL would make the renderer fetch it. */
function requireDirectory(path: string): void {
  try {
    if (statSync(path).isDirectory()) return;
  } catch (thrown) {
    throw unreadable(path, thrown);
  }
  throw new AppError('INPUT_UNREADABLE', 'it is no directory', { hint: 'name the directory that holds the kustomization.yaml' });
}

interface ProgramResult {
  readonly error: ExecFileException | null;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

function runProgram(
  [program, ...argv]: readonly [string, ...string[]],
  { env }: Pick<CommandIo, 'env'>,
  timeout: number,
): Promise<ProgramResult> {
  const options = { env, encoding: 'buffer', timeout, killSignal: 'SIGKILL', maxBuffer: LARGEST_BYTES } as const;
  return new Promise((resolve) => {
    const child = execFile(program, argv, options, (error, stdout, stderr) => resolve({ error, stdout, stderr }));
    child.stdin?.end();
  });
}

const LONGEST_REASON = 300;

function describeFailure(command: string, { code, killed, signal }: ExecFileException, said: string): string {
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return `\`${command}\` prints more than ${LARGEST_BYTES / 1024 / 1024} MiB`;
  if (killed === true) return `\`${command}\` takes too long`;
  const reason = said.split('\n').at(-1)?.slice(0, LONGEST_REASON) ?? '';
  return `\`${command}\` fails${typeof code === 'number' ? ` with exit code ${code}` : ` (${code ?? signal})`}${reason === '' ? '' : `: ${reason}`}`;
}

function hintFor(command: string, directory: string): string {
  return `try \`${command} ${directory}\``;
}
