import { watchConfiguration } from '../configuration/watch.ts';
import type { Settings } from '../core/settings.ts';
import { createEngine, type Engine } from '../engine/engine.ts';
import { RULES } from '../rules/index.ts';
import { configurationFrom, dayOf } from './file-engine.ts';
import { gather } from './gather.ts';
import type { CommandIo } from './io.ts';
import { reportUnread } from './unread.ts';

export interface ServeEngineOptions {
  /** Files and directories that hold the NADs and what else rules look up. */
  readonly inventory: readonly string[];
  readonly config?: string | undefined;
}

/** An engine that follows its configuration file and the calendar. */
export interface ServeEngine {
  /** The engine of this moment. */
  readonly engine: () => Engine;
  /** One line each, for the user who started it. */
  readonly notes: readonly string[];
  readonly stop: () => void;
}

/** A day changes rarely and requests come often: how long one look at the clock serves, in milliseconds. */
const DAY_CHECK_MS = 60_000;

/** @throws AppError CONFIG_INVALID, INPUT_UNREADABLE */
export async function createServeEngine(options: ServeEngineOptions, io: CommandIo): Promise<ServeEngine> {
  let { settings } = await configurationFrom(options.config);
  const gathering = await gather({ paths: options.inventory, isRecursive: false, namespace: 'default' }, io);
  let objects = 0;
  for (const file of gathering.files()) {
    reportUnread(file, io);
    if (file.state === 'read') objects += file.content.manifests.length;
  }
  const create = (): Engine =>
    createEngine({
      rules: RULES,
      inventory: gathering.inventory,
      settings,
      today: dayOf(io.now()),
    });
  let engine = create();
  const refresh = (): void => {
    engine = create();
  };
  const clock = setInterval(refresh, DAY_CHECK_MS).unref();
  const stopWatching =
    options.config === undefined
      ? undefined
      : follow(options.config, settings, io, (changed) => {
          settings = changed;
          refresh();
        });
  return {
    engine: () => engine,
    notes: [
      `inventory ${objects} objects from ${options.inventory.join(', ')}; what is not there is unknown, and rules that need it skip`,
      `settings  ${options.config ?? 'the defaults'}`,
    ],
    stop: () => {
      clearInterval(clock);
      stopWatching?.();
    },
  };
}

function follow(file: string, current: Settings, io: CommandIo, onChange: (settings: Settings) => void): () => void {
  const watch = watchConfiguration({
    file,
    rules: RULES.map(({ meta }) => meta),
    current,
    onChange: (settings) => {
      io.stderr.write(`vhostguard: ${file} changed and is in force\n`);
      onChange(settings);
    },
    onInvalid: (problem) =>
      io.stderr.write(`vhostguard: the changed ${file} is not used, the settings before it stay:\n${problem.message}\n`),
  });
  return () => watch.stop();
}
