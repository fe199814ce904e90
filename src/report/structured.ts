import { stringify } from 'yaml';
import { findingsIn } from './findings-in.ts';
import { jsonText } from './json-text.ts';
import type { Format, InputProblem, Report, ReportedFinding } from './report.ts';

/** Version 1 of the machine-readable report: a contract, so that members are only ever added. */
export const formatJson: Format = function* (report) {
  yield* jsonText({ version: 1, summary: report.summary, findings: entriesOf(report), errors: report.problems.map(toError) });
  yield '\n';
};

export const formatYaml: Format = function* (report) {
  yield toYaml({ version: 1, summary: report.summary });
  yield* yamlList('findings', entriesOf(report));
  yield* yamlList('errors', report.problems.map(toError));
};

function* entriesOf(report: Report): Generator<object> {
  for (const entry of findingsIn(report)) yield toEntry(entry);
}

function toError({ source: _, ...problem }: InputProblem): object {
  return problem;
}

function toEntry({ finding, field, place, object }: ReportedFinding): object {
  return {
    rule: finding.rule,
    name: finding.name,
    severity: finding.severity,
    message: finding.message,
    field,
    file: place.file,
    line: place.line,
    column: place.column,
    ...(place.renderedBy === undefined ? {} : { renderedBy: place.renderedBy }),
    object,
    fix: finding.fix?.safety ?? 'none',
    repaired: finding.repaired,
    status: finding.status,
    ...(finding.reason === undefined ? {} : { reason: finding.reason }),
  };
}

/** A member of a mapping, item by item. */
function* yamlList(name: string, items: Iterable<object>): Generator<string> {
  let head = `${name}:\n`;
  for (const item of items) {
    yield head + toYaml({ items: [item] }).replace('items:\n', '');
    head = '';
  }
  if (head !== '') yield `${name}: []\n`;
}

function toYaml(value: object): string {
  return stringify(value, { aliasDuplicateObjects: false, lineWidth: 0 });
}
