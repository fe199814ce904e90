/** What XML 1.0 may not hold (control characters, halves of surrogate pairs), and what would turn the text around it. */
const FORBIDDEN = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]|[\u202a-\u202e\u2066-\u2069\u200e\u200f]/gu;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** A user's text with the characters that no document may show replaced by U+FFFD. */
export function printable(text: string): string {
  return text.replace(FORBIDDEN, '\ufffd');
}

/** A user's text for the content or a quoted attribute of XML or HTML. */
export function escapeMarkup(text: string): string {
  return printable(text).replace(/[&<>"']/g, (letter) => ENTITIES[letter] ?? '');
}
