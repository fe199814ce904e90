/**
 * JSON in pieces, each level indented by two spaces, as `JSON.stringify` writes it. What is iterable and no array becomes an array too, of
 * which one item is in memory at a time: its items hold plain JSON, and arrays and objects may hold more such iterables.
 */
export function* jsonText(value: unknown, indent = ''): Generator<string> {
  if (Array.isArray(value)) yield* bracketed('[]', value, indent, (item, inner) => jsonText(item, inner));
  else if (isIterable(value)) yield* bracketed('[]', value, indent, plainText);
  else if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    yield* bracketed('{}', members, indent, function* ([key, member], inner) {
      yield `${JSON.stringify(key)}: `;
      yield* jsonText(member, inner);
    });
  } else yield JSON.stringify(value);
}

function* bracketed<T>(
  [open = '', close = '']: string,
  items: Iterable<T>,
  indent: string,
  write: (item: T, indent: string) => Iterable<string>,
): Generator<string> {
  const inner = `${indent}  `;
  let isEmpty = true;
  for (const item of items) {
    yield `${isEmpty ? open : ','}\n${inner}`;
    yield* write(item, inner);
    isEmpty = false;
  }
  yield isEmpty ? open + close : `\n${indent}${close}`;
}

/** No string of JSON holds a line break as such. */
function plainText(value: unknown, indent: string): readonly string[] {
  return [JSON.stringify(value, undefined, 2).replaceAll('\n', `\n${indent}`)];
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}
