import type { JsonObject } from '../core/json.ts';
import type { Settings } from '../core/settings.ts';
import { type Subject, subjectOf } from '../core/subject.ts';
import { createEngine, type Engine } from '../engine/engine.ts';
import type { AnyRule } from '../engine/rule.ts';
import type { Inventory } from '../kube/inventory.ts';
import { type WantedReport, wantedReport } from './report-wanted.ts';
import { type Dependency, LookupRecorder } from './scan-dependencies.ts';
import { isFinished, keyOfSubject, type SubjectKey } from './scan-subjects.ts';

/** What a scan makes of one object. */
export interface Assessment {
  readonly key: SubjectKey;
  /** `undefined` for a subject out of scope. */
  readonly wanted: WantedReport | undefined;
  readonly dependencies: ReadonlySet<Dependency>;
}

/** What decides assessments besides the object. */
export interface Standards {
  readonly settings: Settings;
  /** `YYYY-MM-DD`, UTC. */
  readonly today: string;
}

/** Judges objects as they stand in the cluster: what admission would repair in them is not repaired there. */
export class Assessor {
  readonly #recorder: LookupRecorder;
  readonly #rules: readonly AnyRule[];
  #engine: Engine;

  constructor(rules: readonly AnyRule[], inventory: Inventory, standards: Standards) {
    this.#rules = rules;
    this.#recorder = new LookupRecorder(inventory);
    this.#engine = this.#engineFor(standards);
  }

  get settings(): Settings {
    return this.#engine.context.settings;
  }

  /** Judges by other settings, or on another day, from now on. */
  use(standards: Standards): void {
    this.#engine = this.#engineFor(standards);
  }

  assess(object: JsonObject): Assessment {
    const subject = subjectOf(object, '');
    const wanted = this.#wantedFor(subject);
    return { key: keyOfSubject(subject), wanted, dependencies: this.#recorder.take() };
  }

  #wantedFor(subject: Subject): WantedReport | undefined {
    return isFinished(subject) ? undefined : wantedReport(subject, this.#engine.judgeAsWritten(subject));
  }

  #engineFor({ settings, today }: Standards): Engine {
    return createEngine({ rules: this.#rules, inventory: this.#recorder, settings, today });
  }
}
