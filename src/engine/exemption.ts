import type { Path } from '../core/path.ts';
import type { Exemption, Settings } from '../core/settings.ts';
import type { Subject } from '../core/subject.ts';
import { annotationFields, type View } from '../kube/view.ts';
import type { RuleMeta } from './rule.ts';

export const EXEMPT_ANNOTATION = 'vhostguard.dev/exempt';

/** One `RULE=reason` of an object's annotation. */
export interface AnnotationExemption {
  /** As written: an id or a name. */
  readonly rule: string;
  readonly reason: string;
  readonly path: Path;
}

/** The exemptions of an object's annotations, also where the setting ignores them. `;` separates, the first `=` ends the rule. */
export function readAnnotationExemptions(view: View): AnnotationExemption[] {
  const fields = annotationFields(view).map((annotations) => annotations.get(EXEMPT_ANNOTATION));
  return fields.flatMap((field) => {
    // Nearly every object has none.
    if (typeof field.value !== 'string') return [];
    const entries = field.value.split(';').filter((entry) => entry.trim() !== '');
    return entries.map((entry) => {
      const [rule = '', ...reason] = entry.split('=');
      return {
        rule: rule.trim(),
        reason: reason.join('=').trim(),
        path: field.path,
      };
    });
  });
}

/** True when `text` is this rule's id or name. */
export function namesRule(text: string, { id, name }: Pick<RuleMeta, 'id' | 'name'>): boolean {
  return text === id || text === name;
}

type RuleNames = Pick<RuleMeta, 'id' | 'name'>;
type ObjectNames = Pick<Subject, 'namespace' | 'name'>;

/** What an exemption does to the findings of one rule on one object. */
export interface ExemptionMatch {
  /** False when it would have exempted them up to its last day. */
  readonly isValid: boolean;
  readonly origin: 'annotation' | 'configuration';
  readonly reason: string;
}

/** The exemption that covers a rule's findings on an object. @param today `YYYY-MM-DD`, UTC. */
export function findExemption(
  rule: RuleNames,
  subject: Subject,
  annotations: readonly AnnotationExemption[],
  settings: Settings,
  today: string,
): ExemptionMatch | undefined {
  const annotated = settings.allowAnnotations ? annotations.find((entry) => namesRule(entry.rule, rule) && entry.reason !== '') : undefined;
  if (annotated !== undefined) return { isValid: true, origin: 'annotation', reason: `exempt: ${annotated.reason}` };
  const covering = settings.exemptions.filter((entry) => covers(entry, rule, subject));
  const valid = covering.find((entry) => !isExpired(entry, today));
  if (valid !== undefined) return { isValid: true, origin: 'configuration', reason: `exempt: ${valid.reason}` };
  const [expired] = covering;
  return (
    expired && {
      isValid: false,
      origin: 'configuration',
      reason: `the exemption ${JSON.stringify(expired.reason)} expired on ${expired.expires}`,
    }
  );
}

/** True when the last day of a configured exemption is over. @param today `YYYY-MM-DD`, UTC. */
export function isExpired({ expires }: Exemption, today: string): boolean {
  return expires !== undefined && expires < today;
}

/** True when a configured exemption is meant for this rule and this object, whatever the day. */
export function covers(entry: Exemption, rule: RuleNames, { namespace, name }: ObjectNames): boolean {
  const matches = (list: readonly string[], value: string): boolean => list.length === 0 || list.includes(value);
  return entry.rules.some((text) => namesRule(text, rule)) && matches(entry.namespaces, namespace) && matches(entry.names, name);
}
