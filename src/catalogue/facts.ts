import type { RuleMeta } from '../engine/rule.ts';
import type { Inventory } from '../kube/inventory.ts';
import { type GroupKind, KINDS_OF_TARGET } from '../kube/view.ts';

const NEEDED: Readonly<Record<keyof Inventory, readonly string[]>> = {
  networkAttachmentDefinition: ['NetworkAttachmentDefinitions'],
  catalogue: ['instancetypes', 'preferences'],
  controllerRevision: ['ControllerRevisions'],
  kubeVirt: ['the KubeVirt resource'],
  nodes: ['Nodes'],
  namespaceLabels: ['Namespaces'],
};

const FIXES: Readonly<Record<RuleMeta['fix'], string>> = {
  safe: 'safe: admission applies it by itself, and so does `vhostguard fix`',
  unsafe: 'unsafe: only `vhostguard fix --unsafe` applies it',
  none: 'none',
};

/** Rules by id, which is how people look for them; they are evaluated in another order. */
export function byId(rules: readonly { readonly meta: RuleMeta }[]): readonly RuleMeta[] {
  return rules.map(({ meta }) => meta).sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** The kinds that the rule judges. */
export function kindsOf({ targets }: RuleMeta): readonly GroupKind[] {
  return targets.flatMap((target) => KINDS_OF_TARGET[target]);
}

/** Whether the rule can judge files alone, and if not, what else it looks at. */
export function describeOffline({ needs }: RuleMeta): string {
  if (needs.length === 0) return 'yes';
  const words = needs.flatMap((need) => NEEDED[need]);
  const list = [words.slice(0, -1).join(', '), words.at(-1)].filter((part) => part !== '').join(' and ');
  return `with ${list} among the files; what is not there is skipped, not guessed`;
}

/** Who applies the rule's fix, in Markdown. */
export function describeFix({ fix }: RuleMeta): string {
  return FIXES[fix];
}

/** The rule's example as the lines of a diff that breaks a good document. */
export function exampleDiff({ example }: RuleMeta): readonly string[] {
  return [...linesOf(example.good).map((line) => `-${line}`), ...linesOf(example.bad).map((line) => `+${line}`)];
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}
