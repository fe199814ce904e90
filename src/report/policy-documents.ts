import { stringify } from 'yaml';
import { at } from './at.ts';
import type { PolicyReport, SubjectOutcome } from './policy-result.ts';
import { printable } from './printable.ts';
import type { InputProblem, Report } from './report.ts';

/** Policy reports as YAML, a document each; what could not be read has no object to report on, and becomes a comment. */
export function* formatPolicyReports({ files, problems }: Report, toReport: (outcome: SubjectOutcome) => PolicyReport): Generator<string> {
  for (const problem of problems) yield `# ${describe(problem)}\n`;
  const names = new OwnNames();
  let separator = '';
  for (const { objects } of files) {
    for (const { object, passed, findings } of objects) {
      const report = names.apply(toReport({ object, passed: passed.length, findings: findings.map(({ finding }) => finding) }));
      yield separator + stringify(report, { aliasDuplicateObjects: false, lineWidth: 0 });
      separator = '---\n';
    }
  }
  if (separator === '') yield '# no object has a vhost-user NIC\n';
}

/** Files may hold the same object more than once, as bases and overlays do: none of its reports may take the place of another. */
class OwnNames {
  readonly #seen = new Map<string, number>();

  apply(report: PolicyReport): PolicyReport {
    const { name, namespace } = report.metadata;
    const key = `${namespace}/${name}`;
    const count = (this.#seen.get(key) ?? 0) + 1;
    this.#seen.set(key, count);
    return count === 1 ? report : { ...report, metadata: { ...report.metadata, name: `${name}-${count}` } };
  }
}

function describe(problem: InputProblem): string {
  return printable(`not readable: ${at(problem)}: ${problem.message}`).replaceAll('\n', ' ');
}
