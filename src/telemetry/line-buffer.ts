/** Collects the lines of one turn of the event loop and writes them at once: a write to a pipe costs as much as judging an object. */
export interface LineBuffer {
  write(line: string): void;
  /** Writes what is left; for the end of the program. */
  flush(): void;
}

export function createLineBuffer(destination: { write(text: string): unknown }): LineBuffer {
  let pending = '';
  const flush = (): void => {
    if (pending === '') return;
    const text = pending;
    pending = '';
    destination.write(text);
  };
  return {
    write: (line) => {
      if (pending === '') setImmediate(flush);
      pending += line;
    },
    flush,
  };
}
