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
  findings: Iterable<ObjectFinding>,
): Finding[] {
  if (settings.rules[meta.id] === 'off' || settings.exemptions.length === 0) return [];
  const used = findUsed(settings.exemptions, findings);
  return settings.exemptions.flatMap((exemption, index) =>
    faultsOf(exemption, today, used[index] ?? new Set()).map(({ path, message }) =>
      toFinding(meta, { path: ['exemptions', index, ...path], message }, undefined, settings),
    ),
  );
}

interface Fault {
  /** Below the exemption. */
  readonly path: Path;
  readonly message: string;
}

/** @param used the rules of the exemption that an object needs, by their index. */
function faultsOf(exemption: Exemption, today: string, used: ReadonlySet<number>): Fault[] {
  const { rules, reason, expires } = exemption;
  const because = `(${JSON.stringify(reason)})`;
  if (isExpired(exemption, today)) {
    const message = `exemption of ${rules.join(', ')} ${because} expired on ${expires}: remove it, or set a later day`;
    return [{ path: ['expires'], message }];
  }
  const unused = [...rules.keys()].filter((index) => !used.has(index));
  const notNeeded = (names: string): string => `exemption of ${names} ${because} is not needed by any object here: remove it`;
  if (unused.length === rules.length) return [{ path: [], message: notNeeded(rules.join(', ')) }];
  return unused.map((index) => ({ path: ['rules', index], message: notNeeded(String(rules[index])) }));
}

/** Of each exemption, which of its rules some finding needs. */
function findUsed(exemptions: readonly Exemption[], findings: Iterable<ObjectFinding>): readonly ReadonlySet<number>[] {
  const singles = exemptions.map((exemption) => exemption.rules.map((rule) => ({ ...exemption, rules: [rule] })));
  const used = exemptions.map(() => new Set<number>());
  for (const { finding, object } of findings) {
    const rule = { id: finding.rule, name: finding.name };
    for (const [index, exemption] of singles.entries())
      for (const [position, single] of exemption.entries()) if (covers(single, rule, object)) used[index]?.add(position);
  }
  return used;
}
