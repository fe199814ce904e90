import type { Place, ReportedFinding, ReportedObject } from './report.ts';

/** What was skipped for one reason. */
export interface SkipGroup {
  /** Of the first of them. */
  readonly place: Place;
  readonly text: string;
  readonly rules: ReadonlySet<string>;
  /** How many. */
  readonly objects: number;
}

/** Gathers what was skipped: many rules and objects often wait for the same thing that is not known, which takes one line for all of them. */
export class Skips {
  readonly #groups = new Map<string, { readonly place: Place; readonly text: string; readonly rules: Set<string>; objects: number }>();

  add({ findings }: ReportedObject): void {
    const seen = new Set<string>();
    for (const entry of findings) {
      if (entry.finding.status !== 'skip') continue;
      const text = describe(entry);
      const key = entry.finding.isUnknown ? text : `${JSON.stringify([entry.place.file, entry.object])} ${text}`;
      const group = this.#groups.get(key) ?? { place: entry.place, text, rules: new Set(), objects: 0 };
      group.rules.add(entry.finding.rule);
      if (!seen.has(key)) group.objects += 1;
      seen.add(key);
      this.#groups.set(key, group);
    }
  }

  /** In the order in which their first ones were added. */
  groups(): Iterable<SkipGroup> {
    return this.#groups.values();
  }
}

function describe({ finding: { isUnknown, message, reason } }: ReportedFinding): string {
  return isUnknown ? String(reason) : `${message} (${reason})`;
}
