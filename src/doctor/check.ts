/** `warn`: works, but not for long or not as meant. `skip`: could not be looked at, or there is nothing to look at. */
export type CheckState = 'ok' | 'warn' | 'fail' | 'skip';

export type CheckGroup = 'API server' | 'webhook configurations' | 'certificates' | 'workloads' | 'canaries';

/** What one check found. */
export interface Check {
  readonly title: string;
  readonly state: CheckState;
  /** What was found, in words. */
  readonly detail?: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** A check and where it belongs. */
export interface CheckResult extends Check {
  readonly group: CheckGroup;
}
