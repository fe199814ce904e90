import { isDeepStrictEqual } from 'node:util';
import { AppError, describeError } from '../core/errors.ts';
import type { Settings } from '../core/settings.ts';
import { readConfiguration, readConfigurationText } from './load.ts';
import type { RuleReference } from './rule-references.ts';

/** What to watch, and whom to tell. */
export interface ConfigurationWatchOptions {
  readonly file: string;
  readonly rules: readonly RuleReference[];
  /** The settings in use when watching starts. */
  readonly current: Settings;
  /** Told of settings that differ from those in use. */
  readonly onChange: (settings: Settings) => void;
  /** Told once of each state of the file that is no configuration; the settings in use stay. */
  readonly onInvalid: (problem: AppError) => void;
  /** Time between two looks, in milliseconds. */
  readonly intervalMs?: number;
}

/** A running watch. */
export interface ConfigurationWatch {
  stop(): void;
}

/**
 * Watches a configuration file by reading it every second. Reading catches what file system events miss: the `..data` link of a
 * ConfigMap mount, network file systems, writing in place.
 *
 * A state is judged when two looks in a row saw it: half a file may be a valid configuration that asks for less.
 */
export function watchConfiguration({
  file,
  rules,
  current,
  onChange,
  onInvalid,
  intervalMs = 1000,
}: ConfigurationWatchOptions): ConfigurationWatch {
  let inUse = current;
  let judged: string | undefined;
  let previous: string | undefined;
  let isLooking = false;
  let isStopped = false;
  const look = async (): Promise<void> => {
    const text = await readConfigurationText(file).catch(toAppError);
    const seen = typeof text === 'string' ? text : `unreadable: ${text.message}`;
    const isSettled = seen === previous;
    previous = seen;
    if (!isSettled || seen === judged) return;
    judged = seen;
    const parsed = typeof text === 'string' ? await readConfiguration(text, file, rules).catch(toAppError) : text;
    if (isStopped) return;
    if (parsed instanceof AppError) onInvalid(parsed);
    else if (!isDeepStrictEqual(parsed.settings, inUse)) {
      inUse = parsed.settings;
      onChange(parsed.settings);
    }
  };
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    void look().finally(() => {
      isLooking = false;
    });
  }, intervalMs);
  timer.unref();
  return {
    stop: () => {
      isStopped = true;
      clearInterval(timer);
    },
  };
}

function toAppError(thrown: unknown): AppError {
  return thrown instanceof AppError ? thrown : new AppError('CONFIG_INVALID', describeError(thrown), { cause: thrown });
}
