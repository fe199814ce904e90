/** What one admission review came to: names and rule ids only, never a part of the object, so that it can be logged. */
export interface Decision {
  readonly webhook: 'mutate' | 'validate';
  readonly uid: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly operation: string;
  readonly dryRun: boolean;
  readonly allowed: boolean;
  /** Rule ids, each once, in the order of the findings. */
  readonly denied: readonly string[];
  readonly warned: readonly string[];
  readonly repaired: readonly string[];
  /** Rules that crashed, which is a bug of ours and says nothing of the object. */
  readonly crashed: readonly string[];
}
