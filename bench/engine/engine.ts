import { answer } from '../../src/admission/answer.ts';
import { decode } from '../../src/admission/decode.ts';
import { createHandlers } from '../../src/admission/handlers.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { readView } from '../../src/kube/view.ts';
import { pinSelf } from '../measure/pin.ts';
import { renderTable, round } from '../measure/table.ts';
import { cpuMicrosecondsOf } from '../measure/timing.ts';
import { createExampleEngine, REVIEWS, type RecordedReview } from './subjects.ts';

/** The engine alone, without a network: what each step of a review and each rule takes. Yields a table at a time. */
export function* benchEngine(isQuick: boolean): Generator<string> {
  pinSelf('measured');
  const batchMs = isQuick ? 1 : 20;
  const engine = createExampleEngine();
  yield renderSteps(engine, batchMs);
  yield renderRules(engine, batchMs / 4);
}

function renderSteps(engine: Engine, batchMs: number): string {
  const rows = REVIEWS.map((review) => {
    const steps = Object.values(stepsOf(review, engine)).map((work) => cpuMicrosecondsOf(work, batchMs));
    const [, , , evaluation = Number.NaN, repair = Number.NaN] = steps;
    return [`${review.kind} ${round(review.body.length / 1000)} kB`, ...steps.map(round), round(1e6 / evaluation), round(1e6 / repair)];
  });
  const [first] = REVIEWS;
  const header = ['review', ...Object.keys(first === undefined ? {} : stepsOf(first, engine)), 'evaluations /s', 'repairs /s'];
  return renderTable('One review without the network, in µs of CPU', header, rows);
}

/** `JSON.parse` is the yardstick; the last two are everything from body to body. */
function stepsOf({ body, subject }: RecordedReview, engine: Engine): Readonly<Record<string, () => unknown>> {
  const { inventory, settings } = engine.context;
  const handlers = createHandlers(() => engine);
  return {
    'JSON.parse': () => JSON.parse(body.toString('utf8')),
    decode: () => decode(body),
    view: () => readView(subject, inventory, settings),
    evaluate: () => engine.evaluate(subject),
    repair: () => engine.repair(subject),
    'all of /validate': () => answer('validate', handlers.validate, body),
    'all of /mutate': () => answer('mutate', handlers.mutate, body),
  };
}

function renderRules(engine: Engine, batchMs: number): string {
  const { rules, inventory, settings } = engine.context;
  const context = { inventory, settings, catalogue: rules, earlier: [] };
  const views = REVIEWS.map(({ subject }) => readView(subject, inventory, settings));
  const rows = rules.map((rule) => {
    const costs = views.map((view) =>
      view?.inScope === true && rule.meta.targets.includes(view.target)
        ? cpuMicrosecondsOf(() => [...rule.check(view, context)], batchMs)
        : Number.NaN,
    );
    return { name: `${rule.meta.id} ${rule.meta.name}`, costs, most: Math.max(0, ...costs.filter(Number.isFinite)) };
  });
  const dearestFirst = rows.toSorted((a, b) => b.most - a.most);
  return renderTable(
    'One rule on one object, in µs of CPU, dearest first',
    ['rule', ...REVIEWS.map(({ kind }) => kind)],
    dearestFirst.map(({ name, costs }) => [name, ...costs.map(round)]),
  );
}
