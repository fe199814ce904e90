import { stringify } from 'yaml';
import { at } from './at.ts';
import type { PolicyReport, SubjectOutcome } from './policy-result.ts';
import { printable } from './printable.ts';
import type { InputProblem, Report } from './report.ts';

/** Policy reports as YAML, a document each; what could not be read has no object to report on, and becomes a comment. */
export function formatPolicyReports({ objects, problems }: Report, toReport: (outcome: SubjectOutcome) => PolicyReport): string {
  const reports = objects.map(({ object, passed, findings }) =>
    toReport({ object, passed: passed.length, findings: findings.map(({ finding }) => finding) }),
  );
  const documents = withOwnNames(reports).map((report) => stringify(report, { aliasDuplicateObjects: false, lineWidth: 0 }));
  const comments = [...problems.map(describe), ...(reports.length === 0 ? ['no object has a vhost-user NIC'] : [])];
  return comments.map((comment) => `# ${comment}\n`).join('') + documents.join('---\n');
}

/** Files may hold the same object more than once, as bases and overlays do: none of its reports may take the place of another. */
function withOwnNames(reports: readonly PolicyReport[]): PolicyReport[] {
  const seen = new Map<string, number>();
  return reports.map((report) => {
    const { name, namespace } = report.metadata;
    const key = `${namespace}/${name}`;
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    return count === 1 ? report : { ...report, metadata: { ...report.metadata, name: `${name}-${count}` } };
  });
}

function describe(problem: InputProblem): string {
  return printable(`not readable: ${at(problem)}: ${problem.message}`).replaceAll('\n', ' ');
}
