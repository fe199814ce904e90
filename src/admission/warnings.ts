/** Longest warning in characters: what Kubernetes asks for. */
export const WARNING_LIMIT = 120;

/**
 * Most characters of all warnings of one answer. The API server stops at 4,096 for all webhooks of a request together, and ours are two.
 * @see https://github.com/kubernetes/kubernetes/blob/v1.36.2/staging/src/k8s.io/apiserver/pkg/endpoints/filters/warning.go
 */
export const WARNINGS_LIMIT = 2000;

/** Room for the closing `and N more ...`. */
const RESERVED = 80;

/** Warnings as the API server passes them on unharmed: each once, cut to 120 characters, and no more than fit. */
export function fitWarnings(texts: readonly string[]): string[] {
  const unique = [...new Set(texts.map(fitWarning))];
  const kept: string[] = [];
  let length = 0;
  for (const warning of unique) {
    length += warning.length;
    if (length > WARNINGS_LIMIT - RESERVED) break;
    kept.push(warning);
  }
  const omitted = unique.length - kept.length;
  return omitted === 0 ? kept : [...kept, `and ${omitted} more: "vhostguard check" shows them all`];
}

function fitWarning(text: string): string {
  // The API server drops a warning with a control character, and Go turns half a surrogate pair into U+FFFD.
  const clean = text.replace(/\p{Cc}+/gu, ' ');
  if (clean.length <= WARNING_LIMIT) return clean;
  return `${clean.slice(0, WARNING_LIMIT - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
