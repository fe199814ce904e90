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
  return annotationFields(view).flatMap((annotations) => {
    const field = annotations.get(EXEMPT_ANNOTATION);
    const entries = (typeof field.value === 'string' ? field.value : '').split(';').filter((entry) => entry.trim() !== '');
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

/** Why findings of this rule on this object do not count, or `undefined` when they do. @param today `YYYY-MM-DD`, UTC. */
export function exemptionReason(
  rule: Pick<RuleMeta, 'id' | 'name'>,
  subject: Subject,
  annotations: readonly AnnotationExemption[],
  settings: Settings,
  today: string,
): string | undefined {
  const annotated = settings.allowAnnotations ? annotations.find((entry) => namesRule(entry.rule, rule) && entry.reason !== '') : undefined;
  if (annotated !== undefined) return annotated.reason;
  return settings.exemptions.find((entry) => covers(entry, rule, subject) && !isExpired(entry, today))?.reason;
}

function isExpired({ expires }: Exemption, today: string): boolean {
  return expires !== undefined && expires < today;
}

function covers(entry: Exemption, rule: Pick<RuleMeta, 'id' | 'name'>, { namespace, name }: Subject): boolean {
  const matches = (list: readonly string[], value: string): boolean => list.length === 0 || list.includes(value);
  return entry.rules.some((text) => namesRule(text, rule)) && matches(entry.namespaces, namespace) && matches(entry.names, name);
}
