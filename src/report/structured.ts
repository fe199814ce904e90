import { stringify } from 'yaml';
import type { Format, Report, ReportedFinding } from './report.ts';

/** Version 1 of the machine-readable report: a contract, so that fields are only ever added. */
function toDocument({ summary, findings, problems }: Report): object {
  return {
    version: 1,
    summary,
    findings: findings.map(toEntry),
    errors: problems.map(({ source: _, ...problem }) => problem),
  };
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

export const formatJson: Format = (report) => `${JSON.stringify(toDocument(report), undefined, 2)}\n`;

export const formatYaml: Format = (report) => stringify(toDocument(report), { aliasDuplicateObjects: false, lineWidth: 0 });
