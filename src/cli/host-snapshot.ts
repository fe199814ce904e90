import { readdirSync } from 'node:fs';
import { AppError } from '../core/errors.ts';
import { quote } from '../core/json.ts';
import { gatherHost } from '../host/gather.ts';
import type { HostSnapshot } from '../host/host-snapshot.ts';
import { writeHostSnapshot } from '../host/write.ts';
import type { CommandIo, ExitCode } from './io.ts';
import { writeOutputs } from './outputs.ts';
import { unreadable } from './read-text.ts';

/** The flags that say which host is looked at, and how. */
export interface HostFlags {
  readonly root: string;
  readonly name?: string;
  readonly ovsdb?: string;
  readonly vswitchd?: string;
  /** Seconds. */
  readonly timeout: string;
  readonly handshake: boolean;
  readonly pci?: readonly string[];
  readonly socketDir?: readonly string[];
}

/** `vhostguard host snapshot`: writes all that is known of a host, for `vhostguard check`. @throws AppError USAGE, OUTPUT_UNWRITABLE */
export async function hostSnapshot({ output, ...flags }: HostFlags & { readonly output?: string }, io: CommandIo): Promise<ExitCode> {
  writeOutputs([{ text: writeHostSnapshot(await snapshotOf(flags, io)), file: output }], io);
  return 0;
}

/** What these flags make of a host. @throws AppError USAGE for a value that is none; INPUT_UNREADABLE when the root is no directory to read */
export function snapshotOf(flags: HostFlags, io: CommandIo): Promise<HostSnapshot> {
  return gatherHost({
    root: readableRoot(flags.root),
    name: flags.name,
    ovsdb: flags.ovsdb?.replace(/^unix:/, ''),
    control: flags.vswitchd?.replace(/^unix:/, ''),
    timeoutMs: timeoutOf(flags.timeout),
    isVswitchdAsked: flags.handshake,
    pciDevices: (flags.pci ?? []).map(pciAddressOf),
    socketDirectories: flags.socketDir ?? [],
    now: io.now(),
  });
}

/** A root that can be read: without it everything of a host is absent, which would look like findings. @throws AppError INPUT_UNREADABLE */
export function readableRoot(root: string): string {
  try {
    readdirSync(root);
    return root;
  } catch (thrown) {
    const hint = "give --root the directory where the host's root is, such as a mount in a container";
    throw new AppError('INPUT_UNREADABLE', `cannot read the host at ${quote(root)}: ${unreadable(root, thrown).message}`, {
      hint,
      cause: thrown,
    });
  }
}

const LONGEST_SECONDS = 600;

/** How long `--timeout` says, in milliseconds. @throws AppError USAGE */
export function timeoutOf(seconds: string): number {
  const value = Number(seconds);
  if (seconds.trim() !== '' && value > 0 && value <= LONGEST_SECONDS) return value * 1000;
  throw new AppError('USAGE', `--timeout must be seconds, more than 0 and at most ${LONGEST_SECONDS}, not ${JSON.stringify(seconds)}`);
}

function pciAddressOf(text: string): string {
  const [, domain = '0000:', rest] = /^([0-9a-f]{4}:)?([0-9a-f]{2}:[0-9a-f]{2}\.[0-7])$/i.exec(text) ?? [];
  if (rest !== undefined) return `${domain}${rest}`.toLowerCase();
  throw new AppError('USAGE', `--pci must be an address such as 0000:18:00.0, not ${JSON.stringify(text)}`);
}
