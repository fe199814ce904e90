import type { CompletedCommand, CompletedFlag, Offer } from './completion-words.ts';

/** A completion for fish 3.0 and newer. */
export function fishCompletion(program: string, commands: readonly CompletedCommand[]): string {
  const complete = (...parts: readonly string[]): string => ['complete', '-c', program, ...parts].join(' ');
  const lines = commands.flatMap(({ name, description, flags, argument }) => [
    complete('-n', '__fish_use_subcommand', '-a', name, '-d', quote(description)),
    ...argumentParts(argument).map((parts) => complete('-n', seen(name), parts)),
    ...flags.map((flag) => complete('-n', seen(name), flagParts(flag))),
  ]);
  return `# fish completion for ${program}, made by \`${program} completion fish\`\n${[complete('-f'), ...lines].join('\n')}\n`;
}

function seen(command: string): string {
  return quote(`__fish_seen_subcommand_from ${command}`);
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
