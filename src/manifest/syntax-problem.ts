import type { TextLines } from './text-lines.ts';

/** Why a document could not be read, for the person who wrote it. Line and column are 1-based. */
export interface SyntaxProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint?: string;
  /** The line at fault. */
  readonly source: string;
}

/** A problem before it has a file: offsets into the text. */
export interface Fault {
  readonly start: number;
  readonly message: string;
  readonly hint?: string;
}

/** The position indicator that tmux and screen draw at the right edge in copy mode, as it ends up in a copied line. */
const TERMINAL_RESIDUE = /[ \t]+(\[\d+\/\d+\])[ \t]*$/;

/** The fault as the user sees it. A copied terminal indicator on its line, or on the one before, is named as the cause. */
export function toProblem(fault: Fault, file: string, lines: TextLines): SyntaxProblem {
  const { line, column } = lines.position(fault.start, fault.start);
  for (const number of line > 1 ? [line, line - 1] : [line]) {
    const residue = TERMINAL_RESIDUE.exec(lines.line(number));
    if (residue?.[1] !== undefined) return residueProblem(file, number, residue.index + residue[0].indexOf('['), residue[1], lines);
  }
  const problem = { file, line, column, message: fault.message, source: lines.line(line) };
  const hint = lines.line(line).includes('{{') ? 'render the template first, and check what comes out' : fault.hint;
  return hint === undefined ? problem : { ...problem, hint };
}

function residueProblem(file: string, line: number, index: number, residue: string, lines: TextLines): SyntaxProblem {
  return {
    file,
    line,
    column: index + 1,
    message: `"${residue}" is no YAML: it looks like residue of a terminal, the position indicator of tmux or screen copy mode`,
    hint: `delete "${residue}" at the end of line ${line}`,
    source: lines.line(line),
  };
}
