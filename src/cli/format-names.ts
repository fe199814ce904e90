import type { DrawingFormat } from '../graph/drawings.ts';
import type { ArtefactName } from '../host-plan/artefacts.ts';
import type { PlanFormat } from '../host-plan/formats.ts';
import type { FormatName } from '../report/formats.ts';
import type { SuiteFormatName } from '../suite/formats.ts';

/** The names of a command's formats, in the order of its help. */
export type FormatNames<F extends string> = Readonly<Record<F, true>>;

// What writes them is loaded by the command that was asked for, and no other: names that differ from those there do not compile.

export const REPORT_FORMATS: FormatNames<FormatName> = {
  text: true,
  json: true,
  yaml: true,
  sarif: true,
  junit: true,
  github: true,
  markdown: true,
  openreports: true,
  wgpolicy: true,
};

export const DRAWING_FORMATS: FormatNames<DrawingFormat> = { svg: true, html: true, mermaid: true };

export const SUITE_FORMATS: FormatNames<SuiteFormatName> = { text: true, json: true, junit: true };

export const PLAN_FORMATS: FormatNames<PlanFormat> = { text: true, json: true, yaml: true, shell: true };

export const ARTEFACTS: FormatNames<ArtefactName> = {
  'performance-profile': true,
  'machine-config': true,
  tuned: true,
  tmpfiles: true,
  udev: true,
  manifests: true,
};
