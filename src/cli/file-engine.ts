import { loadConfiguration } from '../configuration/load.ts';
import { DEFAULT_SETTINGS, type Settings } from '../core/settings.ts';
import { createEngine, type Engine } from '../engine/engine.ts';
import { RULES } from '../rules/index.ts';
import { type Gathering, type GatherOptions, gather } from './gather.ts';
import type { CommandIo } from './io.ts';

/** What every command that judges files takes. */
export interface EngineOptions extends GatherOptions {
  /** A configuration file. */
  readonly config?: string | undefined;
  /** The day to judge exemptions by, `YYYY-MM-DD`; today otherwise. */
  readonly asOf?: string | undefined;
}

/** An engine over the files given, and the files. @throws AppError CONFIG_INVALID, INPUT_UNREADABLE */
export async function createFileEngine(options: EngineOptions, io: CommandIo): Promise<{ engine: Engine; files: Gathering['files'] }> {
  const settings = await settingsFrom(options.config);
  const { inventory, files } = await gather(options, io);
  const today = options.asOf ?? dayOf(io.now());
  return {
    engine: createEngine({ rules: RULES, inventory, settings, today }),
    files,
  };
}

/** The settings of a configuration file, or the defaults without one. @throws AppError CONFIG_INVALID */
export async function settingsFrom(file: string | undefined): Promise<Settings> {
  return file === undefined
    ? DEFAULT_SETTINGS
    : await loadConfiguration(
        file,
        RULES.map(({ meta }) => meta),
      );
}

/** `YYYY-MM-DD`, UTC. */
export function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
