import type { Path } from '../core/path.ts';
import type { Exemption } from '../core/settings.ts';
import { toFinding } from './evaluate.ts';
import { covers, isExpired } from './exemption.ts';
import type { Finding } from './finding.ts';
import type { EngineContext } from './plan.ts';
import type { RuleMeta } from './rule.ts';

/** A finding of a whole run, with the object it is on. */
export interface ObjectFinding {
  readonly finding: Pick<Finding, 'rule' | 'name'>;
  readonly object: { readonly namespace: string; readonly name: string };
}

/**
 * What a run says of the configured exemptions: those whose last day is over, and those that no finding of the run needs. Their
 * paths lead into the configuration.
 *
 * @param meta the rule that these are findings of.
 */
export function findStaleExemptions(
  meta: RuleMeta,
  { settings, today }: Pick<EngineContext, 'settings' | 'today'>,
  findings: readonly ObjectFinding[],
): Finding[] {
  if (settings.rules[meta.id] === 'off') return [];
  return settings.exemptions.flatMap((exemption, index) =>
    faultsOf(exemption, today, findings).map(({ path, message }) =>
      toFinding(meta, { path: ['exemptions', index, ...path], message }, undefined, settings),
    ),
  );
}

interface Fault {
  /** Below the exemption. */
  readonly path: Path;
  readonly message: string;
}

function faultsOf(exemption: Exemption, today: string, findings: readonly ObjectFinding[]): Fault[] {
  const { rules, reason, expires } = exemption;
  const because = `(${JSON.stringify(reason)})`;
  if (isExpired(exemption, today)) {
    const message = `exemption of ${rules.join(', ')} ${because} expired on ${expires}: remove it, or set a later day`;
    return [{ path: ['expires'], message }];
  }
  const unused = [...rules.keys()].filter((index) => !isUsed({ ...exemption, rules: rules.slice(index, index + 1) }, findings));
  const notNeeded = (names: string): string => `exemption of ${names} ${because} is not needed by any object here: remove it`;
  if (unused.length === rules.length) return [{ path: [], message: notNeeded(rules.join(', ')) }];
  return unused.map((index) => ({ path: ['rules', index], message: notNeeded(String(rules[index])) }));
}

function isUsed(exemption: Exemption, findings: readonly ObjectFinding[]): boolean {
  return findings.some(({ finding, object }) => covers(exemption, { id: finding.rule, name: finding.name }, object));
}
