import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pinSelf } from '../measure/pin.ts';
import { benchScript, MAIN } from '../measure/places.ts';
import { median } from '../measure/statistics.ts';
import { renderTable, round } from '../measure/table.ts';
import { generateManifests } from './generate.ts';
import { type RunFigures, runMeasured } from './run.ts';

const PROGRAMS = ['parse only', 'check'] as const;
type Program = (typeof PROGRAMS)[number];

const ARGUMENTS: Readonly<Record<Program, readonly string[]>> = {
  'parse only': [benchScript('check/parse-only')],
  check: [MAIN, 'check', '-R'],
};

interface Size {
  readonly count: number;
  /** Most manifests of a file. */
  readonly perFile?: number;
}

const SIZES: readonly Size[] = [{ count: 1000 }, { count: 10_000 }, { count: 20_000, perFile: 2 }, { count: 100_000 }];
const QUICK_SIZES: readonly Size[] = [{ count: 300 }, { count: 600 }];

/** `vhostguard check` end to end over generated manifests, against parsing alone, both in turn. Yields the table. */
export async function* benchCheck(isQuick: boolean): AsyncGenerator<string> {
  pinSelf('bench');
  const rows: string[][] = [];
  for (const size of isQuick ? QUICK_SIZES : SIZES) rows.push(...(await measure(size, isQuick || size.count > 20_000 ? 1 : 5)));
  const header = ['manifests', 'MB', 'program', 'seconds', 'manifests /s', 'CPU µs each', 'peak MiB', 'of parse only', 'exit code'];
  yield renderTable('check from files, process start included', header, rows);
}

async function measure({ count, perFile }: Size, rounds: number): Promise<string[][]> {
  const directory = mkdtempSync(join(tmpdir(), 'vhostguard-bench-check-'));
  try {
    const megabytes = generateManifests(directory, count, perFile) / 1e6;
    const runs: Record<Program, RunFigures[]> = { 'parse only': [], check: [] };
    for (let index = 0; index < rounds; index += 1) {
      for (const program of PROGRAMS) runs[program].push(await runMeasured([...ARGUMENTS[program], directory]));
    }
    const parseSeconds = medianOf(runs['parse only'], 'cpuSeconds');
    return Object.entries(runs).map(([name, figures]) => [
      `${count.toLocaleString('en')}${perFile === undefined ? '' : `, ${perFile} a file`}`,
      round(megabytes),
      name,
      round(medianOf(figures, 'seconds')),
      round(count / medianOf(figures, 'seconds')),
      round((medianOf(figures, 'cpuSeconds') * 1e6) / count),
      round(medianOf(figures, 'peakMiB')),
      round(parseSeconds / medianOf(figures, 'cpuSeconds')),
      String(figures[0]?.exitCode),
    ]);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function medianOf(figures: readonly RunFigures[], figure: keyof RunFigures): number {
  return median(figures.map((each) => each[figure]));
}
