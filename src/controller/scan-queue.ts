/** When to try again, in milliseconds from now, and with what. */
export interface Retry<Job> {
  readonly afterMs: number;
  readonly job: Job;
}

/** What a queue does with its work, and how fast. */
export interface WorkQueueOptions<Job> {
  /** @returns `undefined` when it is done. Must not throw. */
  readonly work: (key: string, job: Job) => Promise<Retry<Job> | undefined>;
  /** Most jobs under way at once. */
  readonly concurrency: number;
  /** Most jobs begun in a second. */
  readonly perSecond: number;
}

/**
 * Work by distinct keys: what is added again while it waits replaces what waited, and no key is worked on twice at once.
 * A flood of changes of one thing is as much work as the last of them.
 */
export class WorkQueue<Job> {
  readonly #options: WorkQueueOptions<Job>;
  readonly #waiting = new Map<string, Job>();
  readonly #underWay = new Set<string>();
  readonly #retries = new Map<string, NodeJS.Timeout>();
  readonly #onProgress = new Set<() => void>();
  #nextStartMs = 0;
  #pause: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: WorkQueueOptions<Job>) {
    this.#options = options;
  }

  /** Jobs that wait or are under way; without those that wait for another try. */
  get size(): number {
    return this.#waiting.size + this.#underWay.size;
  }

  /** True for what waits or is under way. */
  has(key: string): boolean {
    return this.#waiting.has(key) || this.#underWay.has(key);
  }

  add(key: string, job: Job): void {
    if (this.#isStopped) return;
    clearTimeout(this.#retries.get(key));
    this.#retries.delete(key);
    this.#waiting.set(key, job);
    this.#start();
  }

  /** Resolves when fewer than `size` jobs are left, or the queue is stopped. */
  async whenBelow(size: number): Promise<void> {
    while (this.size >= size && !this.#isStopped) await new Promise<void>((resolve) => this.#onProgress.add(resolve));
  }

  /** Begins nothing more; resolves when what is under way is over. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#waiting.clear();
    clearTimeout(this.#pause);
    for (const timer of this.#retries.values()) clearTimeout(timer);
    this.#retries.clear();
    this.#progress();
    while (this.#underWay.size > 0) await new Promise<void>((resolve) => this.#onProgress.add(resolve));
  }

  #start(): void {
    for (const [key, job] of this.#waiting) {
      if (this.#underWay.size >= this.#options.concurrency) return;
      if (this.#underWay.has(key)) continue;
      if (this.#isTooEarly()) return;
      this.#waiting.delete(key);
      this.#underWay.add(key);
      void this.#run(key, job);
    }
  }

  #isTooEarly(): boolean {
    if (this.#pause !== undefined) return true;
    const nowMs = performance.now();
    const earlyMs = this.#nextStartMs - nowMs;
    if (earlyMs < 1) {
      this.#nextStartMs = Math.max(this.#nextStartMs, nowMs) + 1000 / this.#options.perSecond;
      return false;
    }
    this.#pause = setTimeout(() => {
      this.#pause = undefined;
      this.#start();
    }, earlyMs);
    return true;
  }

  async #run(key: string, job: Job): Promise<void> {
    const retry = await this.#options.work(key, job);
    this.#underWay.delete(key);
    if (retry !== undefined && !this.#isStopped && !this.#waiting.has(key)) this.#retry(key, retry);
    this.#progress();
    if (!this.#isStopped) this.#start();
  }

  #retry(key: string, { afterMs, job }: Retry<Job>): void {
    const timer = setTimeout(() => {
      this.#retries.delete(key);
      this.add(key, job);
    }, afterMs);
    this.#retries.set(key, timer);
  }

  #progress(): void {
    const listeners = [...this.#onProgress];
    this.#onProgress.clear();
    for (const resolve of listeners) resolve();
  }
}
