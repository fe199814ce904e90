import type { WriteStream } from 'node:tty';
import ansiEscapes from 'ansi-escapes';
import { formatFrame } from '../host-watch/frame.ts';
import { formatRecord } from '../host-watch/record.ts';
import type { HostView } from '../host-watch/view.ts';
import { createPalette, type Palette } from '../report/palette.ts';
import type { CommandIo } from './io.ts';

/** Where views are shown, one after the other. */
export interface Display {
  show(view: HostView): void;
  /** Leaves everything as it was. */
  close(): void;
}

interface DisplayOptions {
  readonly format: 'text' | 'json';
  readonly isColored: boolean;
}

/** A full screen on a terminal, lines otherwise. @param quit is called when the user presses a key for that. */
export function openDisplay({ format, isColored }: DisplayOptions, io: CommandIo, quit: () => void): Display {
  const terminal = io.env['TERM'] === 'dumb' ? undefined : io.outputTerminal;
  if (format === 'json') return { show: (view) => io.stdout.write(formatRecord(view)), close: () => undefined };
  if (terminal === undefined) return new Lines(io);
  return new Screen(terminal, createPalette(isColored), io.keyboard?.(), quit);
}

class Lines implements Display {
  readonly #io: CommandIo;
  #isFirst = true;

  constructor(io: CommandIo) {
    this.#io = io;
  }

  show(view: HostView): void {
    this.#io.stdout.write(`${this.#isFirst ? '' : '\n'}${formatFrame(view, createPalette(false)).join('\n')}\n`);
    this.#isFirst = false;
  }

  close(): void {
    return;
  }
}

type Keyboard = NonNullable<ReturnType<NonNullable<CommandIo['keyboard']>>>;

const HOME = ansiEscapes.cursorTo(0, 0);
const OPEN = ansiEscapes.enterAlternativeScreen + ansiEscapes.cursorHide + HOME;
const CLOSE = ansiEscapes.cursorShow + ansiEscapes.exitAlternativeScreen;

/** Of terminals that do not tell their size. */
const USUAL_SIZE = { columns: 80, rows: 24 };

/** In raw mode Ctrl-C is a key like others. */
const QUIT_KEYS = ['q', 'Q', '\x03'];

class Screen implements Display {
  readonly #terminal: WriteStream;
  readonly #palette: Palette;
  readonly #keyboard: Keyboard | undefined;
  readonly #quit: () => void;
  #last: HostView | undefined;

  constructor(terminal: WriteStream, palette: Palette, keyboard: Keyboard | undefined, quit: () => void) {
    this.#terminal = terminal;
    this.#palette = palette;
    this.#keyboard = keyboard;
    this.#quit = quit;
    terminal.write(`${OPEN}looking at the host, q quits`);
    terminal.on('resize', this.#redraw);
    keyboard?.setRawMode(true).on('data', this.#press).resume();
  }

  show(view: HostView): void {
    this.#last = view;
    this.#redraw();
  }

  close(): void {
    this.#keyboard?.off('data', this.#press).setRawMode(false).pause();
    this.#terminal.off('resize', this.#redraw);
    this.#terminal.write(CLOSE);
  }

  readonly #press = (keys: Buffer): void => {
    if (QUIT_KEYS.some((key) => keys.includes(key))) this.#quit();
  };

  /** Every line is written over, and what is left of the old one erased: nothing flickers, and a terminal of another size shows no rest. */
  readonly #redraw = (): void => {
    if (this.#last === undefined) return;
    const columns = this.#terminal.columns || USUAL_SIZE.columns;
    const rows = this.#terminal.rows || USUAL_SIZE.rows;
    const lines = formatFrame(this.#last, this.#palette, { columns, rows });
    this.#terminal.write(HOME + lines.map((line) => line + ansiEscapes.eraseEndLine).join('\r\n') + ansiEscapes.eraseDown);
  };
}
