import { type GatherOptions, gatherHost } from '../../src/host/gather.ts';
import type { HostSnapshot } from '../../src/host/host-snapshot.ts';

type Chosen = Partial<Pick<GatherOptions, 'pciDevices' | 'socketDirectories'>>;

/** The snapshot of the host below a directory, on which no OVS runs. */
export function snapshotOf(root: string, options: Chosen = {}): Promise<HostSnapshot> {
  const now = new Date('2026-11-22T12:00:00Z');
  return gatherHost({ root, timeoutMs: 500, isVswitchdAsked: true, pciDevices: [], socketDirectories: [], now, ...options });
}

/** Its `spec`. */
export async function specOf(root: string, options?: Chosen): Promise<HostSnapshot['spec']> {
  return (await snapshotOf(root, options)).spec;
}
