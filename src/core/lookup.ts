/** What is known of a thing that may exist. `unknown` is not `absent`: a rule that needs it skips, it does not guess. */
export type Lookup<T> =
  | { readonly state: 'found'; readonly value: T }
  | { readonly state: 'absent'; readonly reason: string }
  | { readonly state: 'unknown'; readonly reason: string };

export function found<T>(value: T): Lookup<T> {
  return { state: 'found', value };
}
