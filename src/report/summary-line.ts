import type { Report } from './report.ts';

/** The counts of a report in one line without a line ending, as Kyverno orders them. @param emphasize what must not be overlooked. */
export function summaryLine(report: Report, emphasize = (text: string): string => text): string {
  const { summary, repaired, problems } = report;
  const { pass, fail, warn, error, skip } = summary;
  return [
    describeObjects(report),
    `pass: ${pass}, fail: ${fail}, warn: ${warn}, error: ${error}, skip: ${skip}`,
    ...(repaired > 0 ? [`${repaired} repaired by admission`] : []),
    ...(problems.length > 0 ? [emphasize(`${problems.length} not readable`)] : []),
  ].join('; ');
}

function describeObjects({ summary: { objects, inScope }, hosts }: Report): string {
  if (hosts > 0 && hosts === objects) return count(hosts, 'host');
  return [count(objects, 'object'), `${inScope - hosts} with vhost-user`, ...(hosts > 0 ? [count(hosts, 'host')] : [])].join(', ');
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
