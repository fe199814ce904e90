import { subjectOf } from '../core/subject.ts';
import type { Engine } from '../engine/engine.ts';
import type { Finding } from '../engine/finding.ts';
import { surveyDocuments } from '../manifest/document-survey.ts';
import type { Manifest } from '../manifest/manifest.ts';
import type { EditContext } from '../manifest/plan-edit.ts';
import { planReplacements } from '../manifest/replacements.ts';
import { excerptOf } from '../report/excerpt.ts';
import type { Place } from '../report/report.ts';
import type { Origin, ReportBuilder } from '../report/report-builder.ts';
import type { GatheredFile } from './gather.ts';

export interface ReportFileOptions {
  readonly namespace: string;
  /** Judges what admission would make of the objects, not the text as it stands. */
  readonly repairs: boolean;
}

/** Judges the objects of a file into a report; what of it could not be read is a problem there. */
export function reportFile(file: GatheredFile, builder: ReportBuilder, engine: Engine, { namespace, repairs }: ReportFileOptions): void {
  if (file.state === 'failed') {
    const { message, hint } = file.error;
    builder.addProblem({ file: file.name, line: 0, column: 0, message, ...(hint === undefined ? {} : { hint }) });
    return;
  }
  const rendering = file.renderedBy === undefined ? {} : { renderedBy: file.renderedBy };
  for (const problem of file.content.errors) builder.addProblem({ ...problem, ...rendering });
  const survey = surveyDocuments(file.text);
  for (const manifest of file.content.manifests) {
    const subject = subjectOf(manifest.object, namespace);
    const judgement = repairs ? engine.judge(subject) : engine.judgeAsWritten(subject);
    builder.add(subject, judgement, file.renderedBy === undefined ? originOf(manifest, survey) : renderedOrigin(manifest, rendering));
  }
}

function originOf(manifest: Manifest, survey: (manifest: Manifest) => EditContext): Origin {
  return {
    file: manifest.file,
    locate: (finding) => placeOf(manifest, finding),
    replacementsFor: ({ fix }) => (fix === undefined ? [] : planReplacements(manifest, fix.edits, survey(manifest))),
  };
}

/** There is no file in which a fix could replace anything. */
function renderedOrigin(manifest: Manifest, rendering: Pick<Place, 'renderedBy'>): Origin {
  return {
    file: manifest.file,
    locate: (finding) => ({ ...placeOf(manifest, finding), ...rendering }),
    replacementsFor: () => [],
  };
}

/** Where a finding stands in the text of a manifest. */
export function placeOf(manifest: Manifest, { path, offset }: Finding): Place {
  const position = offset === undefined ? manifest.locate(path) : manifest.locateOffset(path, offset);
  return {
    ...position,
    file: manifest.file,
    excerpt: excerptOf(manifest.lines.line(position.line), position.column),
  };
}
