import type { Argument, Command, Option } from 'commander';
import { RULES } from '../rules/index.ts';
import { ARTEFACTS, DRAWING_FORMATS, PLAN_FORMATS, REPORT_FORMATS, SUITE_FORMATS } from './format-names.ts';

/** What a shell may offer for one place of a command line: some words, names of files, or nothing that is known beforehand. */
export type Offer = readonly string[] | 'files' | 'nothing';

/** A flag, as a shell completes it. */
export interface CompletedFlag {
  /** Without the dash; absent where there is none. */
  readonly short?: string;
  /** Without the dashes. */
  readonly long: string;
  readonly description: string;
  /** What comes after it; absent for a flag that takes no value. */
  readonly value?: Offer;
}

/** A command, as a shell completes it. */
export interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  readonly flags: readonly CompletedFlag[];
  /** What its arguments may be. */
  readonly argument: Offer;
  /** The commands below it, such as `watch` of `host watch`. */
  readonly commands: readonly CompletedCommand[];
}

/** Every command of a program with its flags, in the order of its help. */
export function describeCommands(program: Command): CompletedCommand[] {
  const commands = program.createHelp().visibleCommands(program);
  const names = commands.map((command) => command.name());
  return commands.map((command) => describeCommand(command, names));
}

function describeCommand(command: Command, names: readonly string[]): CompletedCommand {
  const flags = command.createHelp().visibleOptions(command);
  return {
    name: command.name(),
    description: command.description(),
    flags: flags.map((option) => describeFlag(option, command.name())),
    argument: argumentOffer(command.registeredArguments[0], names),
    commands: command.commands.map((below) => describeCommand(below, names)),
  };
}

function describeFlag(option: Option, command: string): CompletedFlag {
  const { short, long = '', description } = option;
  return {
    ...(short === undefined ? {} : { short: short.slice(1) }),
    long: long.slice(2),
    description,
    ...(option.required || option.optional ? { value: valueOffer(option, command) } : {}),
  };
}

/** Values that are written `FORMAT[=FILE]` are more than a choice, so that the flag does not know them. */
const FORMATS_OF: Readonly<Record<string, object>> = {
  check: REPORT_FORMATS,
  graph: DRAWING_FORMATS,
  test: SUITE_FORMATS,
  plan: PLAN_FORMATS,
};

function valueOffer(option: Option, command: string): Offer {
  if (option.argChoices !== undefined) return option.argChoices;
  const formats = FORMATS_OF[command];
  if (option.flags.includes('<format') && formats !== undefined) return Object.keys(formats);
  if (option.flags.includes('<artefact')) return Object.keys(ARTEFACTS);
  return /<(?:file|directory|path|socket)\b/.test(option.flags) ? 'files' : 'nothing';
}

function argumentOffer(argument: Argument | undefined, commands: readonly string[]): Offer {
  if (argument?.argChoices !== undefined) return argument.argChoices;
  switch (argument?.name()) {
    case 'path':
      return 'files';
    case 'rule':
      return RULES.map(({ meta }) => meta.id).sort();
    case 'command':
      return commands;
    default:
      return 'nothing';
  }
}
