import type { Fix, Result, Suppression } from 'sarif';
import { levelOf } from './level.ts';
import { describeRendering } from './rendering.ts';
import type { FormatOptions, ReportedFinding } from './report.ts';
import { artifactLocation, findingLocation, toRegion } from './sarif-location.ts';
import { SARIF_LEVELS } from './sarif-rule.ts';

type SourcePath = FormatOptions['sourcePath'];

/** A finding as a result, without what depends on the other results. */
export function toResult(entry: ReportedFinding, sourcePath: SourcePath): Result {
  const { finding, replacements } = entry;
  return {
    ruleId: finding.rule,
    level: toLevel(entry),
    message: { text: plainText([describe(entry), describeRendering(entry.place)].filter((part) => part !== undefined).join('\n')) },
    locations: [findingLocation(entry, sourcePath)],
    ...(replacements.length === 0 ? {} : { fixes: [toFix(entry, sourcePath)] }),
    ...(finding.status === 'skip' && !finding.isUnknown ? { suppressions: [toSuppression(entry)] } : {}),
  };
}

/**
 * GitHub's code scanning ignores suppressions and fails a pull request for errors, so that what is exempt and what admission
 * repairs is a note. The rule's own severity stays in its metadata.
 */
export function toLevel({ finding, isFailing }: ReportedFinding): Result.level {
  if (isFailing && finding.isUnknown) return 'error';
  if (finding.repaired || finding.status === 'skip') return 'note';
  return SARIF_LEVELS[levelOf(finding)];
}

function describe({ finding: { message, repaired, reason, status, isUnknown } }: ReportedFinding): string {
  if (isUnknown) return `cannot be judged: ${message}`;
  if (repaired) return `${message} (repaired by admission)`;
  return status === 'warn' && reason !== undefined ? `${message} (${reason})` : message;
}

/** SARIF takes `[text](target)` for a link, and a manifest's author may not put links into alerts. */
export function plainText(text: string): string {
  return text.replaceAll('](', '\\](');
}

function toFix({ finding, place, replacements }: ReportedFinding, sourcePath: SourcePath): Fix {
  return {
    description: { text: plainText(finding.fix?.title ?? '') },
    artifactChanges: [
      {
        artifactLocation: artifactLocation(place.file, sourcePath),
        replacements: replacements.map((replacement) => ({
          deletedRegion: toRegion(replacement),
          insertedContent: { text: replacement.text },
        })),
      },
    ],
  };
}

/** What neither the object nor the configuration exempts by name is off by the enforcement of the configuration. */
function toSuppression({ finding: { exemptedBy, reason } }: ReportedFinding): Suppression {
  return {
    kind: exemptedBy === 'annotation' ? 'inSource' : 'external',
    ...(reason === undefined ? {} : { justification: reason.replace(/^exempt: /, '') }),
  };
}
