import type { Edit } from '../core/edit.ts';
import type { Path } from '../core/path.ts';

export type RuleId = `VHG${number}`;
export type Severity = 'error' | 'warning' | 'info';

/** A repair that belongs to one violation. `safe`: admission applies it unasked. `unsafe`: only `vhostguard fix --unsafe` does. */
export interface Fix {
  readonly title: string;
  readonly safety: 'safe' | 'unsafe';
  readonly edits: readonly Edit[];
}

/** What a rule yields for a broken requirement; the engine adds rule and severity. */
export interface Violation {
  readonly path: Path;
  readonly message: string;
  /** Where in the string at `path` the problem is, in UTF-16 units from its start. */
  readonly offset?: number;
  /** Where one rule judges cases differently; the rule's own severity otherwise. */
  readonly severity?: Severity;
  readonly fix?: Fix;
}

/** What a rule yields when it cannot know: the reason names the object that would decide. */
export interface Unknown {
  readonly path: Path;
  readonly unknown: string;
}

/** How a finding counts. `fail` denies; `warn` is shown; `skip` could not be judged or is exempt; `error` is a crash of the rule. */
export type FindingStatus = 'fail' | 'warn' | 'skip' | 'error';

/** One rule's complaint about one object. */
export interface Finding {
  readonly rule: RuleId;
  readonly name: string;
  readonly severity: Severity;
  readonly status: FindingStatus;
  readonly path: Path;
  /** Where in the string at `path` the problem is, in UTF-16 units from its start. */
  readonly offset?: number;
  readonly message: string;
  /** Why a `skip` was skipped, or why a `fail` became a `warn`. */
  readonly reason?: string;
  /** Who exempted a `skip` that an exemption covers: the object itself, or the configuration. */
  readonly exemptedBy?: 'annotation' | 'configuration';
  readonly fix?: Fix;
  /** True for what admission repairs by itself. */
  readonly repaired: boolean;
  /** True on UPDATE for what the old object had too: it neither denies nor is repaired. */
  readonly isOld: boolean;
  /** True when the answer depends on an object that is not known; `reason` names it. */
  readonly isUnknown: boolean;
}

/** What makes two findings of one object the same: rule and place. */
export function keyOf({ rule, path }: Finding): string {
  return JSON.stringify([rule, ...path]);
}
