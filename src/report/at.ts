/** A place as compilers write it, `file:line:column`; line 0 is the file as a whole. */
export function at({ file, line, column }: { readonly file: string; readonly line: number; readonly column: number }): string {
  return line === 0 ? file : `${file}:${line}:${column}`;
}
