/** The text without what a terminal or a log would act on: a manifest must not be able to move the reader's cursor. */
export function printable(text: string): string {
  return text.replace(/[^\t\n\x20-\x7e\u00a0-\uffff]/g, '\uFFFD');
}
