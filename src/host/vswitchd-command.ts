import { type Conversation, RefusedCallError } from './json-rpc.ts';
import type { Known } from './known.ts';

/** What a command of vswitchd prints. A vswitchd that does not know it, or has nothing to show, is alive all the same. */
export async function printedBy(control: Conversation, command: string, params: readonly string[] = []): Promise<Known<string>> {
  try {
    return String((await control.call(command, params)) ?? '');
  } catch (thrown) {
    if (thrown instanceof RefusedCallError) return { unknown: `${command}: ${thrown.message}` };
    throw thrown;
  }
}

/** The name that OVS gives to the datapath of all bridges of type netdev. */
const DATAPATH = 'ovs-netdev';

/** What a command prints of the userspace datapath, which has to be named where there is another one beside it. */
export async function printedOfDatapath(control: Conversation, command: string): Promise<Known<string>> {
  const all = await printedBy(control, command);
  return typeof all === 'string' ? all : printedBy(control, command, [DATAPATH]);
}
