import { loadConfiguration } from '../configuration/load.ts';
import { DEFAULT_SETTINGS, type Settings } from '../core/settings.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { RULES } from '../rules/index.ts';

/** The settings of a configuration file and where they stand, or the defaults without one. @throws AppError CONFIG_INVALID */
export async function configurationFrom(file: string | undefined): Promise<{ readonly settings: Settings; readonly manifest?: Manifest }> {
  if (file === undefined) return { settings: DEFAULT_SETTINGS };
  return loadConfiguration(
    file,
    RULES.map(({ meta }) => meta),
  );
}

/** `YYYY-MM-DD`, UTC. */
export function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
