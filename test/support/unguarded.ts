/**
 * The paths that an expression in CEL reads although no `has()` before them says that they are set. Knows what match conditions are made
 * of: `&&`, `||`, `!`, parentheses, `has`, `exists`, calls and comparisons. `request` is typed, so that all of it is always set.
 */
export function unguarded(expression: string): string[] {
  return inExpression(withoutTexts(expression), new Set(['object', 'oldObject']));
}

function withoutTexts(expression: string): string {
  return expression.replace(/r'[^']*'|"(?:\\.|[^"\\])*"/g, '""');
}

function inExpression(expression: string, known: ReadonlySet<string>): string[] {
  const text = stripped(expression);
  const alternatives = split(text, '||');
  if (alternatives.length > 1) {
    const seen = new Set(known);
    return alternatives.flatMap((each) => {
      const missing = inExpression(each, seen);
      const absent = /^!has\(([^()]+)\)$/.exec(stripped(each))?.[1];
      // What follows is asked only when this one is false.
      if (absent !== undefined) seen.add(absent);
      return missing;
    });
  }
  const seen = new Set(known);
  return split(text, '&&').flatMap((each) => inTerm(stripped(each), seen));
}

function inTerm(term: string, known: Set<string>): string[] {
  if (split(term, '||').length > 1 || split(term, '&&').length > 1) return inExpression(term, known);
  if (term.startsWith('!')) return inTerm(stripped(term.slice(1)), new Set(known));
  const guard = /^has\(([^()]+)\)$/.exec(term)?.[1];
  if (guard !== undefined) {
    const owner = guard.slice(0, guard.lastIndexOf('.'));
    const missing = known.has(owner) ? [] : [owner];
    known.add(guard);
    return missing;
  }
  const loop = /^([\w.]+)\.exists\((\w+), (.*)\)$/.exec(term);
  if (loop !== null) {
    const [, list = '', item = '', body = ''] = loop;
    return [...(known.has(list) ? [] : [list]), ...inExpression(body, new Set([...known, item]))];
  }
  const paths = [...term.matchAll(/(?<![\w.])[a-zA-Z]\w*(?:\.\w+)*(\()?/g)].map(([path, call]) => {
    return call === undefined ? path : path.slice(0, Math.max(path.lastIndexOf('.'), 0));
  });
  return paths.filter((path) => !['', 'in', 'true', 'false'].includes(path) && !path.startsWith('request.') && !known.has(path));
}

function stripped(text: string): string {
  const trimmed = text.trim();
  if (!trimmed.startsWith('(') || closing(trimmed) !== trimmed.length - 1) return trimmed;
  return stripped(trimmed.slice(1, -1));
}

/** Where the parenthesis that begins a text ends. */
function closing(text: string): number {
  let depth = 0;
  for (const [index, character] of [...text].entries()) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (depth === 0) return index;
  }
  return -1;
}

function split(text: string, operator: '&&' | '||'): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < text.length; index += 1) {
    if ('(['.includes(text[index] ?? '')) depth += 1;
    if (')]'.includes(text[index] ?? '')) depth -= 1;
    if (depth === 0 && text.startsWith(operator, index)) {
      parts.push(text.slice(start, index));
      start = index + operator.length;
    }
  }
  return [...parts, text.slice(start)];
}
