import { cpuSeconds } from '../measure/process-figures.ts';
import { median } from '../measure/statistics.ts';
import { renderSpread, renderTable, round } from '../measure/table.ts';
import { CASES, type Case, describeAnswer } from './cases.ts';
import { ClosedLoop, warmUp } from './load.ts';
import type { RunningServer, ServerFactory, Side } from './server.ts';

/** One side's figures of one round. */
interface Sample {
  readonly perSecond: number;
  readonly cpuMicroseconds: number;
}

/** The same case on both sides, one right after the other. */
type Round = Readonly<Record<Side, Sample>>;

export interface ThroughputOptions {
  readonly rounds: number;
  /** Length of one side's part of a round. Short: the machine's own speed changes within seconds. */
  readonly seconds: number;
  /** Answers of each side, per case, before anything counts. */
  readonly warmUpAnswers: number;
}

/** Closed loop, all cases, both sides in turn: throughput and CPU per review, and their ratios to the bare server. */
export async function measureThroughput(servers: ServerFactory, { rounds, seconds, warmUpAnswers }: ThroughputOptions): Promise<string> {
  const sides = { bare: await servers.start('bare'), vhostguard: await servers.start('vhostguard') };
  const rows: string[][] = [];
  for (const each of CASES) {
    for (const server of Object.values(sides)) await warmUp(server, [each.request], warmUpAnswers);
    const measured: Round[] = [];
    for (let index = 0; index < rounds; index += 1) measured.push(await measureRound(sides, each, seconds, index % 2 === 1));
    rows.push([`${each.path} ${each.review}`, ...renderRounds(measured), await describeAnswer(sides.vhostguard, each)]);
  }
  await Promise.all(Object.values(sides).map((server) => server.stop()));
  const header = ['review', 'bare /s', 'ours /s', 'ratio by throughput', 'bare CPU µs', 'ours CPU µs', 'ratio by CPU', 'our answer'];
  return renderTable(`Throughput: median (min-max) of ${rounds} rounds of ${seconds} s`, header, rows);
}

async function measureRound(
  sides: Readonly<Record<Side, RunningServer>>,
  each: Case,
  seconds: number,
  isReversed: boolean,
): Promise<Round> {
  // The order changes from round to round, so that a machine that gets slower or faster favours neither side.
  if (isReversed) {
    const vhostguard = await sample(sides.vhostguard, each, seconds);
    return { bare: await sample(sides.bare, each, seconds), vhostguard };
  }
  return { bare: await sample(sides.bare, each, seconds), vhostguard: await sample(sides.vhostguard, each, seconds) };
}

async function sample(server: RunningServer, { request }: Case, seconds: number): Promise<Sample> {
  const loop = await ClosedLoop.open(server);
  const cpuBefore = cpuSeconds(server.pid);
  const result = await loop.runFor([request], seconds);
  const cpu = cpuSeconds(server.pid) - cpuBefore;
  loop.close();
  return { perSecond: result.answers / result.seconds, cpuMicroseconds: (cpu * 1e6) / result.answers };
}

function renderRounds(rounds: readonly Round[]): string[] {
  const middle = (side: Side, figure: keyof Sample): string => round(median(rounds.map((each) => each[side][figure])));
  return [
    middle('bare', 'perSecond'),
    middle('vhostguard', 'perSecond'),
    renderSpread(rounds.map(({ bare, vhostguard }) => vhostguard.perSecond / bare.perSecond)),
    middle('bare', 'cpuMicroseconds'),
    middle('vhostguard', 'cpuMicroseconds'),
    renderSpread(rounds.map(({ bare, vhostguard }) => bare.cpuMicroseconds / vhostguard.cpuMicroseconds)),
  ];
}
