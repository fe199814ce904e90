/** Waits that double with each failure, so that an API server in trouble is not asked more than it can bear. */
export class BackOff {
  readonly #firstMs: number;
  readonly #mostMs: number;
  #nextMs: number;

  constructor({ firstMs, mostMs }: { readonly firstMs: number; readonly mostMs: number }) {
    this.#firstMs = firstMs;
    this.#mostMs = mostMs;
    this.#nextMs = firstMs;
  }

  /** Milliseconds to wait for this time. Up to a fifth of it is left to chance: many that failed at once must not return at once. */
  next(): number {
    const waitMs = this.#nextMs * (0.8 + Math.random() * 0.2);
    this.#nextMs = Math.min(this.#nextMs * 2, this.#mostMs);
    return waitMs;
  }

  /** All is well: the next failure waits as the first one. */
  reset(): void {
    this.#nextMs = this.#firstMs;
  }
}
