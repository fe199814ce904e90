import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS, type Settings } from '../src/core/settings.ts';
import { subjectOf } from '../src/core/subject.ts';
import { readManifests } from '../src/manifest/read.ts';
import { RULES } from '../src/rules/index.ts';
import { engineOver, findingsOf, readFixture } from './support/fixture.ts';

const FIXTURES = new URL('rules/', import.meta.url);
const EXAMPLES = new URL('../deploy/examples/', import.meta.url);

/** Lower case but for API kinds, and no full stop. */
const MESSAGE = /^(?:Namespace |(?![A-Z][a-z]+ ))[\s\S]*[^.\s]$/;

/** `# expect: VHG101` on the line itself, or `# expect VHG203 on <text>` above the next line that holds the text. */
function markers(text: string, word: 'expect' | 'skip'): string[] {
  const lines = text.split('\n');
  const marked: string[] = [];
  for (const [index, line] of lines.entries()) {
    const here = new RegExp(`# ${word}: ((?:VHG\\d+ ?)+)`).exec(line);
    for (const rule of here?.[1]?.trim().split(/\s+/) ?? []) marked.push(`${index + 1} ${rule}`);
    const below = new RegExp(`# ${word} (VHG\\d+) on (.+?)\\s*$`).exec(line);
    if (below?.[1] === undefined || below[2] === undefined) continue;
    const target = lines.findIndex((candidate, at) => at > index && candidate.includes(String(below[2])));
    if (target < 0) throw new Error(`line ${index + 1}: no line below contains ${below[2]}`);
    marked.push(`${target + 1} ${below[1]}`);
  }
  return marked.sort();
}

function settingsOf(text: string): Settings {
  const written = /^# settings: (\{.*\})/.exec(text)?.[1];
  if (written === undefined) return DEFAULT_SETTINGS;
  const overrides = JSON.parse(written) as Record<string, unknown>;
  const merged = Object.entries(overrides).map(([key, value]) => {
    const base = (DEFAULT_SETTINGS as unknown as Record<string, unknown>)[key];
    const isMapping = typeof value === 'object' && value !== null && !Array.isArray(value) && key !== 'rules';
    return [key, isMapping ? { ...(base as object), ...value } : value];
  });
  return { ...DEFAULT_SETTINGS, ...Object.fromEntries(merged) };
}

const files = readdirSync(FIXTURES).filter((name) => name.endsWith('.yaml'));

describe.each(files)('%s', (name) => {
  const { text, manifests } = readFixture(new URL(name, FIXTURES).pathname);
  const settings = settingsOf(text);
  const id = name.slice(0, 'VHG000'.length);
  const placed = findingsOf(manifests, settings);

  test('finds what is marked, on the marked lines, and nothing else', () => {
    const describeLine = ({ line, finding }: (typeof placed)[number]): string => `${line} ${finding.rule}`;
    const isSkip = ({ finding }: (typeof placed)[number]): boolean => finding.status === 'skip';
    expect(
      placed
        .filter((entry) => !isSkip(entry))
        .map(describeLine)
        .sort(),
    ).toEqual(markers(text, 'expect'));
    expect(placed.filter(isSkip).map(describeLine).sort()).toEqual(markers(text, 'skip'));
  });

  test('has an object that breaks the rule and one that does not', () => {
    const breaking = new Set(placed.filter(({ finding }) => finding.rule === id).map(({ manifest }) => manifest));
    expect(breaking.size).toBeGreaterThan(0);
    expect(breaking.size).toBeLessThan(manifests.length);
  });

  test('judges no document twice', () => {
    expect(new Set(manifests.map(({ object }) => JSON.stringify(object))).size).toBe(manifests.length);
  });

  test('has messages in the house style', () => {
    for (const { finding } of placed) expect(finding.message).toMatch(MESSAGE);
  });

  test('repairs what its safe fixes promise, once and for all, and touches nothing else', () => {
    const engine = engineOver(
      manifests.map(({ object }) => object),
      settings,
    );
    for (const { object } of manifests) {
      const subject = subjectOf(object, 'default');
      const first = engine.repair(subject);
      const { findings } = engine.evaluate({ ...subject, object: first.object });
      const left = findings.filter(({ fix, status }) => fix?.safety === 'safe' && status !== 'skip');
      expect(left).toEqual([]);
      expect(engine.repair({ ...subject, object: first.object }).patch).toEqual([]);
      if (first.repaired.length === 0) expect(first.object).toBe(object);
    }
  });

  test('has unsafe fixes that clear their findings too', () => {
    const engine = engineOver(
      manifests.map(({ object }) => object),
      settings,
    );
    for (const { object } of manifests) {
      const subject = subjectOf(object, 'default');
      const { findings } = engine.evaluate({ ...subject, object: engine.repair(subject, 'unsafe').object });
      expect(findings.filter(({ fix, status }) => fix !== undefined && status !== 'skip')).toEqual([]);
    }
  });
});

const examples = readdirSync(EXAMPLES)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => ({
    name,
    text: readFileSync(new URL(name, EXAMPLES), 'utf8'),
  }));

describe('the example directory', () => {
  test('has no finding at all', () => {
    const manifests = examples.flatMap(({ name, text }) => readManifests(text, name).manifests);
    expect(findingsOf(manifests).map(({ finding }) => finding)).toEqual([]);
  });

  test.each(RULES.map(({ meta }) => meta))('shows $id when it is broken as its documentation says', (meta) => {
    const { file, good, bad } = meta.example;
    const broken = examples.map(({ name, text }) => {
      if (name !== file) return { name, text };
      expect(text.split(good)).toHaveLength(2);
      return { name, text: text.replace(good, () => bad) };
    });
    const manifests = broken.flatMap(({ name, text }) => readManifests(text, name).manifests);
    const findings = findingsOf(manifests).map(({ finding }) => `${finding.rule} ${finding.status}`);
    expect(findings).toEqual([`${meta.id} ${meta.severity === 'error' ? 'fail' : 'warn'}`]);
  });
});
