import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RULES } from '../src/rules/index.ts';
import { findAmbientUses } from './support/ambient.ts';
import { crossWalls, ROOT, SAMPLES, WALLS } from './support/walls.ts';

/** Paths of all files below a directory of the project, relative to the project. */
function filesIn(directory: string): string[] {
  return readdirSync(join(ROOT, directory), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1));
}

const SOURCES = filesIn('src');
const CODE = [...SOURCES, ...filesIn('test'), ...filesIn('bench')].filter((file) => /\.(?:ts|js|cjs|mjs)$/.test(file));
const PURE_ROOMS = [
  'core',
  'kube',
  'engine',
  'rules',
  'manifest',
  'report',
  'catalogue',
  'graph',
  'suite',
  'snapshot',
  'host-plan',
  'host-watch',
];

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

describe('walls', () => {
  test('no import in src crosses one, and the checker saw every file', async () => {
    const { violations, modules } = await crossWalls(ROOT);
    expect(violations).toEqual([]);
    expect(modules.filter((module) => module.startsWith('src/')).sort()).toEqual(SOURCES.toSorted());
    expect(SOURCES.length).toBeGreaterThan(40);
  });

  test('every wall has a reason and an import that it stops', () => {
    expect(WALLS.map(({ name }) => name).sort()).toEqual(Object.keys(SAMPLES).sort());
    for (const { name, comment } of WALLS) expect(comment, name).toMatch(/^[a-z].{20,}[^.]$/s);
  });

  test.for(Object.entries(SAMPLES))('%s stops its sample and lets the rest pass', async ([wall, files]) => {
    const { violations } = await crossWalls(files);
    expect(violations.map((violation) => violation.wall)).toEqual([wall]);
  });
});

describe('pure rooms', () => {
  test.for(SOURCES.filter((file) => PURE_ROOMS.some((room) => file.startsWith(`src/${room}/`))))(
    '%s uses no clock, no chance, no process and no network',
    (file) => {
      expect(findAmbientUses(read(file))).toEqual([]);
    },
  );

  test.for([
    ['console.log(1)', 'console'],
    ['const { env } = process', 'process'],
    ['const now = Date.now()', 'Date.now'],
    ['const now = new Date()', 'new Date()'],
    ['const now = Date()', 'Date()'],
    ['Math.random()', 'Math.random'],
    ['setTimeout(() => 1)', 'setTimeout'],
    ['const x = globalThis.process', 'globalThis'],
    ['await fetch(url)', 'fetch'],
    ['const f = eval', 'eval'],
  ])('the check sees %s', ([source = '', use]) => {
    expect(findAmbientUses(source)).toEqual([use]);
  });

  test.for([
    'node.process',
    'const x = { console: 1 }',
    'new Date(0)',
    'Date.parse(text)',
    'Math.max(1, 2)',
    '"process"',
    'type T = { fetch(): void }',
  ])('the check lets %s pass', (source) => {
    expect(findAmbientUses(source)).toEqual([]);
  });
});

describe('files', () => {
  test('each in src belongs to a room that has a wall, or is an entry point', () => {
    const rooms = [
      ...PURE_ROOMS,
      'admission',
      'certificates',
      'telemetry',
      'configuration',
      'cluster',
      'host',
      'host-agent',
      'controller',
      'doctor',
      'cli',
    ];
    const homeless = SOURCES.filter((file) => !rooms.some((room) => file.startsWith(`src/${room}/`)));
    expect(homeless.sort()).toEqual(['src/index.ts', 'src/main.ts']);
  });

  test('none is longer than 300 lines', () => {
    const long = CODE.map((file) => ({ file, lines: read(file).split('\n').length - 1 })).filter(({ lines }) => lines > 300);
    expect(long).toEqual([]);
  });

  test('none is named after nothing', () => {
    const vague = /^(?:utils?|helpers?|common|types?|misc|shared|lib|constants?|manager|enums?)(?:\.|$)/i;
    expect(CODE.filter((file) => file.split('/').some((part) => vague.test(part)))).toEqual([]);
  });

  test('each is named in kebab-case', () => {
    const odd = CODE.filter(
      (file) => !/^(?:VHG\d{3}-)?[a-z0-9]+(?:-[a-z0-9]+)*(?:\.test|\.e2e|\.config)?\.(?:ts|js|cjs|mjs)$/.test(basename(file)),
    );
    expect(odd).toEqual([]);
  });
});

describe('rules', () => {
  const files = SOURCES.filter((file) => basename(file).startsWith('VHG'));
  const metas = RULES.map(({ meta }) => meta);

  test('every file is in the index, and is named after its rule', () => {
    expect(files.map((file) => basename(file, '.ts')).sort()).toEqual(metas.map(({ id, name }) => `${id}-${name}`).sort());
  });

  test.for(files)('%s exports its rule under its name, and nothing else', async (file) => {
    const [, name = ''] = /VHG\d+-(.*)\.ts$/.exec(file) ?? [];
    const exported = await import(join(ROOT, file));
    expect(Object.keys(exported)).toEqual([name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())]);
    expect(RULES).toContain(Object.values(exported)[0]);
  });

  test('every rule has a fixture, and every fixture a rule', () => {
    const fixtures = filesIn('test/rules').map((file) => basename(file, '.yaml'));
    expect(metas.map(({ id, name }) => `${id}-${name}`).filter((file) => !fixtures.includes(file))).toEqual([]);
    expect(fixtures.filter((file) => !metas.some(({ id }) => file.startsWith(`${id}-`)))).toEqual([]);
  });

  test('ids and names are unique', () => {
    const words = metas.flatMap(({ id, name }) => [id, name]);
    expect(new Set(words).size).toBe(words.length);
  });

  test('run by id, the two that look at what the others found last', () => {
    const ids = metas.map(({ id }) => id);
    const last = ['VHG190', 'VHG100'];
    expect(ids).toEqual([...ids.filter((id) => !last.includes(id)).sort(), ...last]);
  });

  test.for(metas)('$id has complete metadata', (meta) => {
    expect(meta.id).toMatch(/^VHG[1-9]\d\d$/);
    expect(meta.name).toMatch(/^(?:require|forbid|prefer)(?:-[a-z0-9]+)+$/);
    expect(meta.title).toMatch(/^(?:Require|Forbid|Prefer) [^\n]{5,80}[^.\n]$/);
    expect(meta.title.toLowerCase().split(' ')[0]).toBe(meta.name.split('-')[0]);
    expect(meta.why.length).toBeGreaterThan(100);
    expect(meta.remedy.length).toBeGreaterThan(10);
    expect(meta.falsePositives).toMatch(/\.$/);
    expect(meta.since).toMatch(/^\d+\.\d+\.\d+$/);
    expect(meta.targets.length).toBeGreaterThan(0);
    expect(meta.sources.length).toBeGreaterThan(0);
    for (const source of meta.sources) expect(new URL(source).protocol).toBe('https:');
    expect(filesIn('deploy/examples')).toContain(`deploy/examples/${meta.example.file}`);
  });
});
