import type { WriteStream } from 'node:tty';
import yoctoSpinner, { type Spinner } from 'yocto-spinner';
import type { CommandIo } from './io.ts';

/** Shorter runs show nothing, in milliseconds. */
const QUIET_MS = 1000;

/** Time between two updates, in milliseconds. */
const UPDATE_MS = 100;

/** Tells on standard error how far a long run is, when that is a terminal where somebody waits. */
export class Progress {
  readonly #io: CommandIo;
  readonly #terminal: WriteStream | undefined;
  readonly #start: number;
  #spinner: Spinner | undefined;
  #next: number;
  #files = 0;

  /** @param isQuiet shows nothing. */
  constructor(io: CommandIo, isQuiet: boolean) {
    const isWatched = !isQuiet && io.env['CI'] === undefined && io.env['TERM'] !== 'dumb';
    this.#io = io;
    this.#terminal = isWatched ? io.errorTerminal : undefined;
    this.#start = io.now().getTime();
    this.#next = this.#start + QUIET_MS;
  }

  /** Does something with each file, one after the other, and counts them. */
  async forEach<T>(files: Iterable<T>, visit: (file: T) => void): Promise<void> {
    try {
      for (const file of files) {
        visit(file);
        this.#files += 1;
        if (this.#terminal !== undefined) await this.#update(this.#terminal);
      }
    } finally {
      this.#spinner?.stop();
    }
  }

  async #update(terminal: WriteStream): Promise<void> {
    const now = this.#io.now().getTime();
    if (now < this.#next) return;
    this.#next = now + UPDATE_MS;
    this.#spinner ??= yoctoSpinner({ stream: terminal }).start();
    this.#spinner.text = `${this.#files} files in ${Math.floor((now - this.#start) / 1000)} s`;
    // Between files nothing waits, and signals are handled only while something does.
    await new Promise((resolve) => setImmediate(resolve));
  }
}
