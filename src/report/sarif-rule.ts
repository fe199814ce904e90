import type { ReportingDescriptor } from 'sarif';
import type { Severity } from '../engine/finding.ts';
import type { RuleMeta } from '../engine/rule.ts';

/** SARIF has no infos. */
export const SARIF_LEVELS = { error: 'error', warning: 'warning', info: 'note' } as const satisfies Record<Severity, string>;

/** What GitHub's code scanning calls the severities of a finding that is no security alert. */
const PROBLEM_SEVERITIES: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'recommendation' };

/** Longest description that GitHub's code scanning keeps, in characters. */
const LONGEST_DESCRIPTION = 1024;

/** A rule's metadata as SARIF has it, with the properties that GitHub's code scanning reads. */
export function toReportingDescriptor({ id, name, title, why, remedy, severity, targets, sources }: RuleMeta): ReportingDescriptor {
  const text = `${why}\n\nRemedy: ${remedy}\n\nSources:\n${sources.join('\n')}`;
  const markdown = `${why}\n\n**Remedy.** ${remedy}\n\n**Sources.**\n\n${sources.map((source) => `- <${source}>`).join('\n')}`;
  return {
    id,
    name,
    shortDescription: { text: title },
    fullDescription: { text: shorten(why.replace(/\s+/g, ' ')) },
    help: { text, markdown },
    defaultConfiguration: { level: SARIF_LEVELS[severity] },
    properties: {
      tags: ['kubevirt', 'ovs-dpdk', ...targets],
      precision: 'high',
      'problem.severity': PROBLEM_SEVERITIES[severity],
    },
  };
}

function shorten(text: string): string {
  return text.length <= LONGEST_DESCRIPTION ? text : `${text.slice(0, LONGEST_DESCRIPTION - 1)}…`;
}
