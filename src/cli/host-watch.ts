import { setTimeout as sleep } from 'node:timers/promises';
import { createEngine } from '../engine/engine.ts';
import { HostRoot } from '../host/host-root.ts';
import { Machines } from '../host/machines.ts';
import { locateDatabase } from '../host/run-directory.ts';
import { Sampler } from '../host/sample.ts';
import { type Selection, selectPorts } from '../host-watch/selection.ts';
import { watchOn } from '../host-watch/view.ts';
import { MemoryInventory } from '../kube/memory-inventory.ts';
import { RULES } from '../rules/index.ts';
import { configurationFrom, dayOf } from './configuration.ts';
import type { CommandIo, ExitCode } from './io.ts';
import { type Display, openDisplay } from './watch-display.ts';
import { type FactSources, KeptFacts } from './watched-facts.ts';

export interface HostWatchOptions {
  /** Where the host's root is for this process. */
  readonly root: string;
  readonly name?: string | undefined;
  readonly ovsdb?: string | undefined;
  readonly control?: string | undefined;
  readonly timeoutMs: number;
  /** A configuration file. */
  readonly config?: string | undefined;
  readonly intervalMs: number;
  /** How many views are shown; without end when absent. */
  readonly count?: number | undefined;
  readonly selection: Selection;
  readonly format: 'text' | 'json';
  readonly isColored: boolean;
}

/**
 * `vhostguard host watch`: shows a host's ports again and again, until it is told to stop. A switch that does not answer is shown as that.
 *
 * @throws AppError CONFIG_INVALID
 */
export async function hostWatch(options: HostWatchOptions, io: CommandIo): Promise<ExitCode> {
  const stop = new AbortController();
  const root = new HostRoot(options.root);
  const { timeoutMs, control } = options;
  const ovsdb = options.ovsdb ?? locateDatabase(root, options.root);
  const sampler = new Sampler({ ovsdb, control, timeoutMs });
  const sources = {
    gathering: { ...options, ovsdb, isVswitchdAsked: false, pciDevices: [], socketDirectories: [], signal: stop.signal },
    engine: await createHostEngine(options, io),
    sampler,
    machines: new Machines(root),
  };
  const end = () => {
    stop.abort();
    sampler.close();
  };
  io.onSignal(end);
  const display = openDisplay(options, io, end);
  try {
    await watch({ ...options, sources, display, signal: stop.signal }, io);
  } catch (thrown) {
    // What is cut short by the end is no failure.
    if (!stop.signal.aborted) throw thrown;
  } finally {
    end();
    display.close();
  }
  return 0;
}

async function createHostEngine({ config }: HostWatchOptions, io: CommandIo): Promise<FactSources['engine']> {
  const { settings } = await configurationFrom(config);
  const inventory = new MemoryInventory({ isComplete: false, description: 'this host', defaultNamespace: '' });
  return createEngine({ rules: RULES, inventory, settings, today: dayOf(io.now()) });
}

interface Watch extends Pick<HostWatchOptions, 'intervalMs' | 'count' | 'selection'> {
  readonly sources: FactSources;
  readonly display: Display;
  readonly signal: AbortSignal;
}

/** Takes samples in time, and shows a view of each but the first, which has nothing to be compared with. */
async function watch(
  { intervalMs, count = Number.POSITIVE_INFINITY, selection, sources, display, signal }: Watch,
  io: CommandIo,
): Promise<void> {
  const { sampler } = sources;
  const first = await sampler.sample(io.now());
  const facts = await KeptFacts.read(sources, first, io.now());
  let watched = watchOn(undefined, first, facts.last);
  const start = performance.now();
  let tick = 0;
  for (let shown = 0; shown < count; shown += 1) {
    if (shown > 0) await sleep(start + tick * intervalMs - performance.now(), undefined, { signal });
    const sample = await sampler.sample(io.now());
    signal.throwIfAborted();
    watched = watchOn(watched, sample, facts.lastFor(sample, io.now()));
    display.show(selectPorts(watched.view, selection));
    // A sample that took longer than the interval leaves out those that it missed.
    tick = Math.max(tick + 1, Math.ceil((performance.now() - start) / intervalMs));
  }
}
