import type { Parsed } from './cpu-list.ts';
import { formatTmpfiles, formatUdev } from './host-files.ts';
import { formatManifests } from './manifests.ts';
import { type ArtefactOptions, formatMachineConfig, formatPerformanceProfile, formatTuned } from './openshift.ts';
import type { HostPlan } from './plan.ts';

type Artefact = (plan: HostPlan, options: ArtefactOptions) => Parsed<string>;

/** What a plan can be written as for other programs, by the name that `--emit` takes. A problem says what the plan lacks for it. */
export const ARTEFACTS = {
  'performance-profile': formatPerformanceProfile,
  'machine-config': formatMachineConfig,
  tuned: formatTuned,
  tmpfiles: (plan) => ({ value: formatTmpfiles(plan) }),
  udev: (plan) => ({ value: formatUdev(plan) }),
  manifests: formatManifests,
} as const satisfies Readonly<Record<string, Artefact>>;

export type ArtefactName = keyof typeof ARTEFACTS;
