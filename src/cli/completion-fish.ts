import type { CompletedCommand, CompletedFlag, Offer } from './completion-words.ts';

/** A completion for fish 3.0 and newer. */
export function fishCompletion(program: string, commands: readonly CompletedCommand[]): string {
  const complete = (...parts: readonly string[]): string => ['complete', '-c', program, ...parts].join(' ');
  const parents = commands.filter((command) => command.commands.length > 0).map(({ name }) => name);
  const words = ({ flags, argument }: CompletedCommand, condition: string): string[] => [
    ...argumentParts(argument).map((parts) => complete('-n', quote(condition), parts)),
    ...flags.map((flag) => complete('-n', quote(condition), flagParts(flag))),
  ];
  const lines = commands.flatMap((command) => [
    complete('-n', '__fish_use_subcommand', '-a', command.name, '-d', quote(command.description)),
    ...words(command, parents.includes(command.name) ? seen(command.name) : `not ${seen(...parents)}; and ${seen(command.name)}`),
    ...command.commands.flatMap((below) => [
      complete('-n', quote(isNext(command)), '-a', below.name, '-d', quote(below.description)),
      ...words(below, `${seen(command.name)}; and ${seen(below.name)}`),
    ]),
  ]);
  return `# fish completion for ${program}, made by \`${program} completion fish\`\n${[complete('-f'), ...lines].join('\n')}\n`;
}

function seen(...commands: readonly string[]): string {
  return `__fish_seen_subcommand_from ${commands.join(' ')}`;
}

/** True after a command that has others below it, before one of those is named. */
function isNext({ name, commands }: CompletedCommand): string {
  return `${seen(name)}; and not ${seen(...commands.map((below) => below.name))}`;
}

function argumentParts(offer: Offer): string[] {
  if (offer === 'files') return ['-F'];
  return offer === 'nothing' ? [] : [`-a ${quote(offer.join(' '))}`];
}

function flagParts({ short, long, description, value }: CompletedFlag): string {
  const spelling = `${short === undefined ? '' : `-s ${short} `}-l ${long}`;
  return `${spelling}${value === undefined ? '' : valueParts(value)} -d ${quote(description)}`;
}

function valueParts(offer: Offer): string {
  if (offer === 'files') return ' -r -F';
  return offer === 'nothing' ? ' -x' : ` -x -a ${quote(offer.join(' '))}`;
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
