import type { CompletedCommand, CompletedFlag, Offer } from './completion-words.ts';

/** A completion for zsh, for a file `_PROGRAM` in `fpath` or for `source`. */
export function zshCompletion(program: string, commands: readonly CompletedCommand[]): string {
  return `#compdef ${program}
# zsh completion for ${program}, made by \`${program} completion zsh\`
_${program}() {
  local state line curcontext=$curcontext
  local -a commands
  commands=(
${commands.map(({ name, description }) => `    ${quote(`${name}:${description}`)}`).join('\n')}
  )
  _arguments -C '(- *)'{-h,--help}'[show help]' '(- *)'{-V,--version}'[show the version]' '1:command:->command' '*::argument:->argument'
  case $state in
    command) _describe command commands ;;
    argument)
      curcontext="\${curcontext%:*:*}:${program}-$words[1]:"
      case $words[1] in
${indented(commands.flatMap(commandCase), '        ').join('\n')}
      esac ;;
  esac
}
if [[ $funcstack[1] == _${program} ]]; then _${program} "$@"; else compdef _${program} ${program}; fi
`;
}

function commandCase(command: CompletedCommand): string[] {
  const lines = command.commands.length > 0 ? belowLines(command.commands) : argumentLines(command);
  return [`${command.name})`, ...indented(lines, '  '), '  ;;'];
}

function indented(lines: readonly string[], indent: string): string[] {
  return lines.map((line) => `${indent}${line}`);
}

function argumentLines({ flags, argument }: CompletedCommand): string[] {
  const specs = [...flags.flatMap(flagSpecs), quote(`*:argument:${action(argument)}`)];
  return ['_arguments \\', ...specs.map((spec, index) => `  ${spec}${index === specs.length - 1 ? '' : ' \\'}`)];
}

/** As the whole script does for the commands of the program, one level down: `words` then begins with the command below. */
function belowLines(commands: readonly CompletedCommand[]): string[] {
  return [
    `commands=(${commands.map(({ name, description }) => quote(`${name}:${description}`)).join(' ')})`,
    "_arguments -C '1:command:->command' '*::argument:->argument'",
    'case $state in',
    '  command) _describe command commands ;;',
    '  argument)',
    '    case $words[1] in',
    ...indented(commands.flatMap(commandCase), '      '),
    '    esac ;;',
    'esac',
  ];
}

/** Every flag may come more than once: which ones may not is for the program to say. */
function flagSpecs({ short, long, description, value }: CompletedFlag): string[] {
  const rest = `[${description.replace(/[[\]\\:]/g, '\\$&')}]${value === undefined ? '' : `:${long}:${action(value)}`}`;
  const spellings = short === undefined ? [`--${long}`] : [`-${short}`, `--${long}`];
  return spellings.map((spelling) => quote(`*${spelling}${value !== undefined && spelling.startsWith('--') ? '=' : ''}${rest}`));
}

function action(offer: Offer): string {
  if (offer === 'files') return '_files';
  return offer === 'nothing' ? ' ' : `(${offer.join(' ')})`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
