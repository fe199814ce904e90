import { watchConfiguration } from '../configuration/watch.ts';
import type { Settings } from '../core/settings.ts';
import { RULES } from '../rules/index.ts';
import { configurationFrom } from './configuration.ts';
import type { CommandIo } from './io.ts';

/** Settings that follow their file. */
export interface FollowedSettings {
  readonly current: () => Settings;
  readonly stop: () => void;
}

/** The settings of a configuration file from now on, or the defaults without one. @throws AppError CONFIG_INVALID */
export async function followSettings(
  file: string | undefined,
  io: CommandIo,
  onChange: (settings: Settings) => void = () => undefined,
): Promise<FollowedSettings> {
  let { settings } = await configurationFrom(file);
  if (file === undefined) return { current: () => settings, stop: () => undefined };
  const watch = watchConfiguration({
    file,
    rules: RULES.map(({ meta }) => meta),
    current: settings,
    onChange: (changed) => {
      settings = changed;
      io.stderr.write(`vhostguard: ${file} changed and is in force\n`);
      onChange(changed);
    },
    onInvalid: (problem) =>
      io.stderr.write(`vhostguard: the changed ${file} is not used, the settings before it stay:\n${problem.message}\n`),
  });
  return { current: () => settings, stop: () => watch.stop() };
}
