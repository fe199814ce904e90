import type { Path } from '../core/path.ts';

/** One mistake in a description: where, what is wrong, and what is needed. */
export interface DescriptionProblem {
  readonly path: Path;
  readonly message: string;
}

/** Collects mistakes, so that a user hears of all at once. */
export class Problems {
  readonly found: DescriptionProblem[] = [];

  add(path: Path, message: string): undefined {
    this.found.push({ path, message });
    return undefined;
  }
}
