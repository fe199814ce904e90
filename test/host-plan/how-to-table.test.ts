import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ARTEFACTS } from '../../src/host-plan/artefacts.ts';
import { RULES } from '../../src/rules/index.ts';
import { runCli } from '../support/run-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const PAGE = readFileSync('docs/ovs-dpdk-node.md', 'utf8');

const [, DESCRIPTION = ''] = /```yaml\n(.*?)```/s.exec(PAGE) ?? [];

/** One NIC that goes to vfio-pci, and one that keeps its driver. */
const NICS = ['--nic', 'pci=0000:18:00.0,numa=0,mtu=9000,queues=2', '--nic', 'pci=0000:18:00.1,numa=0,driver=mlx5_core'];

interface Row {
  readonly step: string;
  readonly plan: string;
  readonly check: string;
}

/** The rows of the table below a heading, by the cells of their columns. */
function cellsBelow(heading: string): string[][] {
  const [, section = ''] = PAGE.split(`## ${heading}\n`);
  const lines = section.split('\n## ')[0]?.split('\n') ?? [];
  const rows = lines.filter((line) => line.startsWith('| ')).map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')));
  return rows.slice(1);
}

const STEPS: readonly Row[] = cellsBelow('Steps').map(([step = '', , , plan = '', check = '']) => ({ step, plan, check }));
const HIDDEN = cellsBelow('What OVS does not tell').map((cells) => cells.at(-1) ?? '');

function rulesIn(text: string): string[] {
  const ids = RULES.map(({ meta }) => meta.id as string);
  return [...text.matchAll(/(VHG\d+)(?: to (VHG\d+))?/g)].flatMap(([, first = '', last = first]) => {
    const named = ids.filter((id) => id >= first && id <= last);
    return ids.includes(first) && ids.includes(last) ? named : [`no rule ${first} to ${last}`];
  });
}

async function printed(...flags: readonly string[]): Promise<string> {
  const file = join(temporaryDirectory(), 'host.yaml');
  writeFileSync(file, DESCRIPTION);
  const { exitCode, stdout, stderr } = await runCli(['host', 'plan', '-f', file, ...NICS, ...flags]);
  expect([exitCode, stderr]).toEqual([0, '']);
  return stdout;
}

/** All that the command prints of the host, in whatever form, and its flags. */
async function everything(): Promise<string> {
  const artefacts = Object.keys(ARTEFACTS).map((name) => printed('--emit', name, '--ovs-dpdk-cpus'));
  const texts = await Promise.all([printed(), printed('-o', 'shell'), ...artefacts]);
  const flags = [...Object.keys(ARTEFACTS).map((name) => `--emit ${name}`), ...Object.keys(ARTEFACTS), ...NICS];
  return [...texts, ...flags, (await runCli(['host', 'plan', '--help'])).stdout].join('\n');
}

describe("the table of the how-to's steps", () => {
  test('has rows, each with what prints it and what proves it', () => {
    expect(STEPS.length).toBeGreaterThan(10);
    for (const { step, plan, check } of STEPS) {
      expect([step, plan.includes('`')]).toEqual([step, true]);
      expect([step, rulesIn(check).length > 0, rulesIn(check).filter((id) => id.startsWith('no'))]).toEqual([step, true, []]);
    }
  });

  test('names nothing as printed that is not', async () => {
    const all = await everything();
    for (const { step, plan } of STEPS) {
      const spans = [...plan.matchAll(/`([^`]+)`/g)].flatMap(([, span = '']) => span.split(' … '));
      expect([step, spans.filter((span) => !all.includes(span))]).toEqual([step, []]);
    }
  });

  test('has every figure of a plan', async () => {
    const { figures } = parse(await printed('-o', 'yaml')) as { readonly figures: Readonly<Record<string, unknown>> };
    const named = STEPS.map(({ plan }) => plan).join('\n');
    const besides = Object.keys(figures).filter((name) => !named.includes(`\`${name}\``));
    expect(besides).toEqual(['socket-mem-shared', 'socket-mem-per-port', 'socket-mem-tripleo']);
  });

  test('and that of what OVS hides have every rule of hosts', () => {
    const named = new Set([...STEPS.map(({ check }) => check), ...HIDDEN].flatMap(rulesIn));
    const ofHosts = RULES.filter(({ meta }) => (meta.targets as readonly string[]).includes('host')).map(({ meta }) => meta.id);
    expect(ofHosts.filter((id) => id !== 'VHG100' && id !== 'VHG190' && !named.has(id))).toEqual([]);
  });
});
