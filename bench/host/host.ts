import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { missingPrograms } from '../../test/support/real-ovs/programs.ts';
import { RealSwitch } from '../../test/support/real-ovs/real-switch.ts';
import { type RunFigures, runMeasured } from '../check/run.ts';
import { pinSelf, pinServer } from '../measure/pin.ts';
import { benchScript, MAIN } from '../measure/places.ts';
import { median } from '../measure/statistics.ts';
import { renderTable, round } from '../measure/table.ts';
import { SimulatedHost } from './simulated-host.ts';
import { watchMeasured } from './watching.ts';

const PORTS = 200;

/**
 * `vhostguard host check` on a host with 200 vhost-user ports, beside a program that only asks the same of OVS, and `host watch`. The
 * switch is a real OVS-DPDK; the host's files are written for it. Yields tables, or why there are none.
 */
export async function* benchHost(isQuick: boolean): AsyncGenerator<string> {
  const missing = missingPrograms();
  if (missing.length > 0) {
    yield `### host: NOT MEASURED\n\nnot on this machine: ${missing.join(', ')}\n`;
    return;
  }
  pinSelf('bench');
  await using host = await SimulatedHost.create(PORTS);
  const real = await RealSwitch.start();
  try {
    await addPorts(real, host);
    // Threads of DPDK are on the cores of the simulated host, of which the first is the measured one: they would poll there.
    for (const name of ['ovs-vswitchd.pid', 'ovsdb-server.pid']) pinServer(Number(readFileSync(join(real.directory, name), 'utf8')));
    const control = join(real.directory, readdirSync(real.directory).find((name) => /^ovs-vswitchd.*\.ctl$/.test(name)) ?? '');
    host.showProcess(Number(/\.(\d+)\.ctl$/.exec(control)?.[1]));
    yield await measureCheck(host, real.ovsdb, control, isQuick ? 1 : 5);
    yield await measureWatch(host, real.ovsdb, isQuick ? 5 : 130);
  } finally {
    await real.stop();
  }
}

/** All at once: vswitchd looks at its configuration once. */
async function addPorts(real: RealSwitch, host: SimulatedHost): Promise<void> {
  const words = host.sockets.flatMap((path, index) => {
    const name = `vhost${index}`;
    const options = [`options:vhost-server-path=${path}`, 'type=dpdkvhostuserclient'];
    return ['--', 'add-port', 'br-dpdk0', name, '--', 'set', 'Interface', name, ...options];
  });
  await real.vsctl('--timeout=60', ...words);
}

async function measureCheck(host: SimulatedHost, ovsdb: string, control: string, rounds: number): Promise<string> {
  const programs = {
    'ask only': [benchScript('host/ask-only'), ovsdb, control],
    'host check': [MAIN, 'host', 'check', '--root', host.root, '--ovsdb', ovsdb],
  };
  const runs = { 'ask only': [] as RunFigures[], 'host check': [] as RunFigures[] };
  for (let index = 0; index < rounds; index += 1)
    for (const program of ['ask only', 'host check'] as const) runs[program].push(await runMeasured(programs[program]));
  const rows = Object.entries(runs).map(([name, figures]) => [
    name,
    ...(['cpuSeconds', 'seconds', 'peakMiB'] as const).map((figure) => round(median(figures.map((each) => each[figure])))),
    String(figures[0]?.exitCode),
  ]);
  return renderTable(
    `host check, 48 CPUs and ${PORTS} ports, process start included; the switch on the bench's cores`,
    ['program', 'CPU s', 's', 'peak MiB', 'exit code'],
    rows,
  );
}

/** As many seconds as hold several readings of the facts, which samples leave out. */
async function measureWatch(host: SimulatedHost, ovsdb: string, seconds: number): Promise<string> {
  const figures = await watchMeasured([MAIN, 'host', 'watch', '--root', host.root, '--ovsdb', ovsdb, '-o', 'json'], seconds);
  const row = [`${seconds} s`, String(figures.samples), round(figures.corePercent), round(figures.peakMiB)];
  return renderTable(
    'host watch, the same host and switch, a sample each second',
    ['watched for', 'samples', '% of a core', 'peak MiB'],
    [row],
  );
}
