import type { CompletedCommand, CompletedFlag, Offer } from './completion-words.ts';

/**
 * A completion for bash 3.2 and newer. Where it sets no reply, `-o default` completes names of files; bash itself takes
 * `--flag=value` apart, so that the value is a word after `=`.
 */
export function bashCompletion(program: string, commands: readonly CompletedCommand[]): string {
  const parents = commands.filter((command) => command.commands.length > 0).map(({ name }) => name);
  const withBelow = commands.flatMap((command) => [
    command,
    ...command.commands.map((below) => ({ ...below, name: `${command.name} ${below.name}` })),
  ]);
  return `# bash completion for ${program}, made by \`${program} completion bash\`
_${program}() {
  local word=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command='' words='' flags='' index
  COMPREPLY=()
  if [[ $word == = ]]; then word=''
  elif [[ $previous == = && COMP_CWORD -ge 2 ]]; then previous=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((index = 1; index < COMP_CWORD; index++)); do
    if [[ \${COMP_WORDS[index]} == -* ]]; then continue; fi
    command=\${command:+$command }\${COMP_WORDS[index]}
    case $command in ${parents.join('|')}) ;; *) break ;; esac
  done
  case $command in
    '') words='${namesOf(commands)}' flags='--help --version' ;;
${withBelow.map(commandCase).join('\n')}
  esac
  if [[ $word == -* ]]; then words=$flags; fi
  if [[ $words == '<files>' ]]; then return; fi
  compopt +o default 2>/dev/null
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _${program} ${program}
`;
}

function namesOf(commands: readonly CompletedCommand[]): string {
  return commands.map(({ name }) => name).join(' ');
}

function commandCase({ name, flags, argument, commands }: CompletedCommand): string {
  const values = flags.flatMap(({ value, ...flag }) => (value === undefined ? [] : [{ pattern: spellings(flag).join('|'), value }]));
  const cases = values.map(({ pattern, value }) => `        ${pattern}) ${assign(value)}; flags=$words ;;`);
  return [
    `    '${name}')`,
    `      ${commands.length > 0 ? `words='${namesOf(commands)}'` : assign(argument)}; flags='${flags.flatMap(spellings).join(' ')}'`,
    ...(cases.length === 0 ? [] : ['      case $previous in', ...cases, '      esac']),
    '      ;;',
  ].join('\n');
}

function assign(offer: Offer): string {
  if (offer === 'files') return "words='<files>'";
  return `words='${offer === 'nothing' ? '' : offer.join(' ')}'`;
}

function spellings({ short, long }: Omit<CompletedFlag, 'value'>): string[] {
  return short === undefined ? [`--${long}`] : [`-${short}`, `--${long}`];
}
