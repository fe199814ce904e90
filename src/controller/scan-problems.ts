/** Log lines of things that go wrong again and again: each is told once, until all is well again. */
export class RepeatedProblems {
  readonly #warn: (message: string) => void;
  readonly #told = new Set<string>();

  constructor(warn: (message: string) => void) {
    this.#warn = warn;
  }

  tell(problem: string): void {
    if (this.#told.has(problem)) return;
    // Server messages may hold names: what is remembered stays bounded, at the price of a line told twice.
    if (this.#told.size >= 100) this.#told.clear();
    this.#told.add(problem);
    this.#warn(problem);
  }

  /** What worked may be told again when it fails again. */
  forget(): void {
    this.#told.clear();
  }
}
