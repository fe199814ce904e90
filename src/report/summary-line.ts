import { countRepaired } from './level.ts';
import type { Report } from './report.ts';

/** The counts of a report in one line without a line ending, as Kyverno orders them. @param emphasize what must not be overlooked. */
export function summaryLine({ summary, findings, problems }: Report, emphasize = (text: string): string => text): string {
  const { objects, inScope, pass, fail, warn, error, skip } = summary;
  const repaired = countRepaired(findings);
  return [
    `${objects} ${objects === 1 ? 'object' : 'objects'}, ${inScope} with vhost-user`,
    `pass: ${pass}, fail: ${fail}, warn: ${warn}, error: ${error}, skip: ${skip}`,
    ...(repaired > 0 ? [`${repaired} repaired by admission`] : []),
    ...(problems.length > 0 ? [emphasize(`${problems.length} not readable`)] : []),
  ].join('; ');
}
