import { quote } from '../core/json.ts';
import { nearest } from '../core/nearest.ts';
import type { Path } from '../core/path.ts';
import { type AnnotationExemption, EXEMPT_ANNOTATION, namesRule, readAnnotationExemptions } from '../engine/exemption.ts';
import { type AnyRule, defineRule, type RuleContext } from '../engine/rule.ts';
import type { View } from '../kube/view.ts';

const ID = 'VHG190';

export const forbidStaleExemption = defineRule({
  meta: {
    id: ID,
    name: 'forbid-stale-exemption',
    title: 'Forbid exemptions that do nothing',
    why: `An exemption, in the annotation \`${EXEMPT_ANNOTATION}\` or in the configuration, silences a rule for as long as it stands. An annotation without a
reason, or of a rule that does not exist, is ignored, so the object is denied although its author thinks otherwise. One whose rule has nothing to say any more
hides the next mistake of that kind. The configuration's own exemptions are judged by \`check\` alone, which shows those that expired and those that nothing in its
input needs.`,
    remedy: `Remove what expired or is no longer needed; in an annotation write \`"VHG104=reason"\`, more than one separated by \`;\`.`,
    severity: 'warning',
    targets: ['workload', 'network', 'pod', 'host'],
    needs: [],
    fix: 'none',
    since: '0.1.0',
    sources: ['https://eslint.org/docs/latest/use/configure/rules#report-unused-eslint-disable-comments'],
    falsePositives: 'An exemption that is kept for a cluster whose nodes or networks differ from those known here looks unused.',
    example: {
      file: 'virtual-machine.yaml',
      good: '      labels:\n        app: trex\n',
      bad: `      labels:\n        app: trex\n      annotations:\n        ${EXEMPT_ANNOTATION}: "VHG104=lab VM without CPU manager"\n`,
    },
  },
  *check(view, context) {
    const exemptions = readAnnotationExemptions(view);
    if (!context.settings.allowAnnotations) {
      const message = 'exemptions by annotation are turned off, so this one is ignored: remove it, and ask for one in the configuration';
      for (const path of distinctPaths(exemptions)) yield { path, message };
      return;
    }
    for (const exemption of exemptions) {
      const message = describeFault(exemption, view, context);
      if (message !== undefined) yield { path: exemption.path, message };
    }
  },
});

function distinctPaths(exemptions: readonly AnnotationExemption[]): Iterable<Path> {
  return new Map(exemptions.map(({ path }) => [JSON.stringify(path), path])).values();
}

function describeFault({ rule: text, reason }: AnnotationExemption, view: View, context: RuleContext): string | undefined {
  const rule = context.catalogue.find(({ meta }) => namesRule(text, meta));
  if (rule === undefined) {
    const names = context.catalogue.flatMap(({ meta }) => [meta.id, meta.name]);
    const near = nearest(text, names);
    const advice = near === undefined ? 'write the id or name of a rule' : `did you mean ${quote(near)}?`;
    return `exemption of ${quote(text)} names no known rule: ${advice}`;
  }
  if (reason === '') return `exemption of ${quote(text)} has no reason: write ${quote(`${text}=why it does not apply here`)}`;
  if (!isUnused(rule, view, context)) return undefined;
  return `exemption of ${quote(text)} is not needed, since the object does not break that rule: remove it`;
}

/**
 * Sure only for rules that ran before this one on this object. What a controller made has its annotations from its owner,
 * which they may be meant for.
 */
function isUnused(rule: AnyRule, view: View, { catalogue, earlier, settings }: RuleContext): boolean {
  const hasRun = catalogue.indexOf(rule) < catalogue.findIndex(({ meta }) => meta.id === ID);
  const applies = rule.meta.targets.includes(view.target) && settings.rules[rule.meta.id] !== 'off';
  const isOwned = view.root.get('metadata').get('ownerReferences').items().length > 0;
  return hasRun && applies && !isOwned && !earlier.some((finding) => finding.rule === rule.meta.id);
}
