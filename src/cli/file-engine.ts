import { createEngine, type Engine } from '../engine/engine.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { RULES } from '../rules/index.ts';
import { configurationFrom, dayOf } from './configuration.ts';
import { type Gathering, type GatherOptions, gather } from './gather.ts';
import type { CommandIo } from './io.ts';

/** What every command that judges files takes. */
export interface EngineOptions extends GatherOptions {
  /** A configuration file. */
  readonly config?: string | undefined;
  /** The day to judge exemptions by, `YYYY-MM-DD`; today otherwise. */
  readonly asOf?: string | undefined;
}

/** An engine over the files given, and the files. */
export interface FileEngine {
  readonly engine: Engine;
  readonly files: Gathering['files'];
  /** Where the keys of the configuration stand; absent without one. */
  readonly configuration: Manifest | undefined;
}

/** @throws AppError CONFIG_INVALID, INPUT_UNREADABLE */
export async function createFileEngine(options: EngineOptions, io: CommandIo): Promise<FileEngine> {
  const { settings, manifest: configuration } = await configurationFrom(options.config);
  const { inventory, files } = await gather(options, io);
  const today = options.asOf ?? dayOf(io.now());
  return {
    engine: createEngine({ rules: RULES, inventory, settings, today }),
    files,
    configuration,
  };
}
