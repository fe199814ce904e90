import { type Dependency, dependencyOn } from './scan-dependencies.ts';

/** A change of something that rules look up. Without a name: of what is known of the kind as a whole. */
export interface LookedUpChange {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** Gathers changes, so that a thousand in a second are as much work as one, and reasons to scan everything. */
export class ScanTriggers {
  readonly #onChanged: (dependency: Dependency) => void;
  readonly #settleMs: number;
  readonly #changed = new Set<Dependency>();
  #isRescanAsked = false;
  #settling: NodeJS.Timeout | undefined;
  #onRescan: () => void = () => undefined;

  /** @param onChanged gets each thing that changed once in `settleMs` milliseconds at most. */
  constructor(onChanged: (dependency: Dependency) => void, settleMs: number) {
    this.#onChanged = onChanged;
    this.#settleMs = settleMs;
  }

  changed({ kind, namespace, name }: LookedUpChange): void {
    if (name === '') this.#isRescanAsked = true;
    else this.#changed.add(dependencyOn(kind, namespace, name));
    this.#settling ??= setTimeout(() => this.#settle(), this.#settleMs);
  }

  /** Asks for a scan of everything. */
  rescan(): void {
    this.#isRescanAsked = true;
    this.#onRescan();
  }

  /** Resolves with true as soon as a scan is asked for, with false after `ms` milliseconds or a stop. */
  async whenRescan(ms: number): Promise<boolean> {
    if (!this.#isRescanAsked) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#onRescan = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const isAsked = this.#isRescanAsked;
    this.#isRescanAsked = false;
    return isAsked;
  }

  stop(): void {
    clearTimeout(this.#settling);
    this.#onRescan();
  }

  #settle(): void {
    this.#settling = undefined;
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const dependency of changed) this.#onChanged(dependency);
    if (this.#isRescanAsked) this.#onRescan();
  }
}
