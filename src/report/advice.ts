import type { Renderer, ReportedFinding } from './report.ts';

/** Where to write a fix of text that a program made: `vhostguard fix` has no file for it. */
const SOURCES = {
  helm: "change the chart's template or values",
  kustomize: 'change the kustomization or its base',
} as const satisfies Record<Renderer, string>;

/** How to get rid of a finding, in one sentence of Markdown. */
export function adviceFor({ finding, remedy, place }: Pick<ReportedFinding, 'finding' | 'remedy' | 'place'>): string {
  const { fix, repaired, status } = finding;
  if (status === 'error') return 'report it: a crash of a rule is a bug of vhostguard, and says nothing of the object';
  if (fix === undefined) return remedy;
  if (place.renderedBy !== undefined)
    return `${repaired ? `admission will ${fix.title}; to have it before` : fix.title}, ${SOURCES[place.renderedBy]}`;
  if (repaired) return `admission will ${fix.title}; \`vhostguard fix\` writes it into the file`;
  return `${fix.title} (\`vhostguard fix${fix.safety === 'unsafe' ? ' --unsafe' : ''}\`)`;
}
