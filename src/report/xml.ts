/** Attributes of an element, in the order they are written; one without a value is left out. */
type Attributes = Readonly<Record<string, string | number | undefined>>;

/** An element of XML 1.0 on lines of its own, well-formed whatever its texts hold. @param content elements, or the result of `escapeXml`. */
export function element(name: string, attributes: Attributes, content: readonly string[] = []): string {
  const start = startTag(name, attributes);
  return content.length === 0 ? start.replace(/>$/, '/>') : `${start}${content.join('')}</${name}>`;
}

/** The start of an element that is written in pieces. */
export function startTag(name: string, attributes: Attributes): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escapeXml(String(value)).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;')}"`);
  return `<${name}${written.join('')}>`;
}

/** Text as the content of an element. What XML 1.0 has no way to write gives way to U+FFFD. */
export function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\r', '&#13;');
}
