import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { converse } from '../../../src/host/json-rpc.ts';
import type { RealSwitch } from './real-switch.ts';

/** What vswitchd prints for a command of `ovs-appctl`. */
export async function askVswitchd({ directory }: RealSwitch, command: string): Promise<string> {
  const control = readdirSync(directory).find((name) => /^ovs-vswitchd.*\.ctl$/.test(name)) ?? '';
  return String(await converse(join(directory, control), { timeoutMs: 10_000 }, (vswitchd) => vswitchd.call(command, [])));
}
