import { describeProblems } from '../configuration/checked-document.ts';
import { AppError } from '../core/errors.ts';
import { toFieldPath } from '../core/path.ts';
import { subjectOf } from '../core/subject.ts';
import { readHost } from '../kube/host.ts';
import { type Fact, isUnread } from '../kube/host-fact.ts';
import type { Manifest } from '../manifest/manifest.ts';
import type { HostFacts } from './described-host.ts';

const HINT = 'capture the host again with vhostguard host snapshot';

/** True for what `vhostguard host snapshot` wrote. */
export function isSnapshot({ object }: Manifest): boolean {
  return object['kind'] === 'HostSnapshot';
}

/**
 * The facts of the host that a snapshot is of.
 * @throws AppError CONFIG_INVALID for a snapshot of another form; INPUT_UNREADABLE when it does not know the CPUs
 */
export function capturedFacts(manifest: Manifest): HostFacts {
  const { cpus, numaNodes, pciDevices, problems } = readHost(subjectOf(manifest.object, ''));
  if (problems.length > 0) {
    const described = problems.map(({ path, expected, actual }) => ({ path, message: `must be ${expected}, not ${actual}` }));
    throw new AppError('CONFIG_INVALID', describeProblems(manifest, described).join('\n'), { hint: HINT });
  }
  const { cores, vendor, flags } = known(cpus, manifest);
  return {
    nodes: known(numaNodes, manifest),
    cores,
    vendor: isUnread(vendor) ? undefined : vendor.value,
    flags: isUnread(flags) ? undefined : flags.value,
    devices: isUnread(pciDevices) ? [] : pciDevices.value,
  };
}

function known<T>(fact: Fact<T>, { file }: Manifest): T {
  if (!isUnread(fact)) return fact.value;
  throw new AppError('INPUT_UNREADABLE', `${file}: ${toFieldPath(fact.path)} is not known: ${fact.unknown}`, { hint: HINT });
}
