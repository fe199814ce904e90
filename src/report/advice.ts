import type { ReportedFinding } from './report.ts';

/** How to get rid of a finding, in one sentence of Markdown. */
export function adviceFor({ finding: { fix, repaired, status }, remedy }: Pick<ReportedFinding, 'finding' | 'remedy'>): string {
  if (status === 'error') return 'report it: a crash of a rule is a bug of vhostguard, and says nothing of the object';
  if (fix === undefined) return remedy;
  if (repaired) return `admission will ${fix.title}; \`vhostguard fix\` writes it into the file`;
  return `${fix.title} (\`vhostguard fix${fix.safety === 'unsafe' ? ' --unsafe' : ''}\`)`;
}
