import { createEngine, type Engine } from '../engine/engine.ts';
import { RULES } from '../rules/index.ts';
import { dayOf } from './configuration.ts';
import { followSettings } from './follow-settings.ts';
import type { CommandIo } from './io.ts';
import { createServeInventory, type ServeInventory, type ServeInventoryOptions } from './serve-inventory.ts';

export interface ServeEngineOptions extends ServeInventoryOptions {
  readonly config?: string | undefined;
}

/** An engine that follows its configuration file, its inventory and the calendar. */
export interface ServeEngine extends Pick<ServeInventory, 'unreadiness' | 'kinds' | 'stop'> {
  /** The engine of this moment. */
  readonly engine: () => Engine;
  /** One line each, for the user who started it. */
  readonly notes: readonly string[];
}

/** A day changes rarely and requests come often: how long one look at the clock serves, in milliseconds. */
const DAY_CHECK_MS = 60_000;

/** @throws AppError CONFIG_INVALID, INPUT_UNREADABLE, CLUSTER_UNREACHABLE */
export async function createServeEngine(options: ServeEngineOptions, io: CommandIo): Promise<ServeEngine> {
  let refresh = (): void => undefined;
  const settings = await followSettings(options.config, io, () => refresh());
  const { inventory, note, stop, ...looked } = await createServeInventory(options, io).catch((thrown: unknown) => {
    settings.stop();
    throw thrown;
  });
  const create = (): Engine => createEngine({ rules: RULES, inventory, settings: settings.current(), today: dayOf(io.now()) });
  let engine = create();
  refresh = (): void => {
    engine = create();
  };
  const clock = setInterval(refresh, DAY_CHECK_MS).unref();
  return {
    ...looked,
    engine: () => engine,
    notes: [note, `settings  ${options.config ?? 'the defaults'}`],
    stop: () => {
      clearInterval(clock);
      settings.stop();
      stop();
    },
  };
}
