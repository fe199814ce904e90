import { execFile, spawn } from 'node:child_process';
import { chownSync, closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type FirmwareVm, wordsOf } from './firmware-vm.ts';
import { OVS, QEMU, VSWITCHD } from './programs.ts';
import { commandOf, type User } from './user.ts';

const run = promisify(execFile);

/** How many the switch believes to have. */
export const SIMULATED_CPUS = 48;

/** The CPUs are numbered as on a host with two NUMA nodes: even ones on node 0. */
const SIMULATED_NUMA = Array.from({ length: SIMULATED_CPUS }, (_, cpu) => cpu % 2).join(',');

/** DPDK without hugepages, devices or privileges; threads that sleep when there is nothing to do, as tests share their CPUs. */
const OTHER_CONFIG = {
  'pmd-cpu-mask': 'c00000c',
  'pmd-maxsleep': '500',
  'per-port-memory': 'true',
  'dpdk-init': 'true',
  'dpdk-extra': '--no-pci --no-huge --legacy-mem -m 512 --iova-mode=va --no-telemetry',
} as const;

const BRIDGE = 'br-dpdk0';
const LONGEST_MS = 20_000;

/** Which vswitchd runs, and as whom. */
interface Switch {
  readonly build?: keyof typeof VSWITCHD;
  readonly user?: User | undefined;
}

interface VmOptions extends Omit<FirmwareVm, 'name' | 'path'> {
  /** Whom QEMU runs as, when not as who runs the test. */
  readonly user?: User;
}

/** A real OVS-DPDK in a directory of its own, on a simulated host: no root, no hugepages, no kernel module. */
export class RealSwitch {
  readonly directory: string;
  readonly ovsdb: string;
  readonly #vswitchd: string;
  readonly #user: User | undefined;
  readonly #vms: number[] = [];

  private constructor(directory: string, { build = 'dpdk', user }: Switch) {
    this.directory = directory;
    this.ovsdb = join(directory, 'db.sock');
    this.#vswitchd = VSWITCHD[build];
    this.#user = user;
  }

  /** Starts OVSDB and vswitchd with one userspace bridge. `otherConfig` is set before DPDK starts. */
  static async start(otherConfig: Readonly<Record<string, string>> = {}, options: Switch = {}): Promise<RealSwitch> {
    const real = new RealSwitch(mkdtempSync(join(tmpdir(), 'vg-ovs-')), options);
    if (options.user !== undefined) chownSync(real.directory, options.user.uid, options.user.gid);
    try {
      await real.#startServers({ ...OTHER_CONFIG, ...otherConfig });
      await real.vsctl('add-br', BRIDGE, '--', 'set', 'bridge', BRIDGE, 'datapath_type=netdev');
      return real;
    } catch (thrown) {
      await real.stop();
      throw thrown;
    }
  }

  async #startServers(otherConfig: Readonly<Record<string, string>>): Promise<void> {
    const database = join(this.directory, 'conf.db');
    const [tool, words] = commandOf(this.#user, OVS.ovsdbTool, ['create', database, '/usr/share/openvswitch/vswitch.ovsschema']);
    await run(tool, words, this.#options);
    await this.#daemon(OVS.ovsdbServer, [
      database,
      `--remote=punix:${this.ovsdb}`,
      '--pidfile',
      `--unixctl=${join(this.directory, 'db.ctl')}`,
    ]);
    await this.vsctl('--no-wait', 'init');
    // As root DPDK keeps its files in one directory, where two switches at the same time need names of their own.
    const extra = `${otherConfig['dpdk-extra']} --file-prefix=${basename(this.directory)}`;
    const settings = Object.entries({ ...otherConfig, 'dpdk-extra': extra }).map(([key, value]) => `other_config:${key}=${value}`);
    await this.vsctl('--no-wait', 'set', 'Open_vSwitch', '.', ...settings);
    await this.startVswitchd();
  }

  /** Starts vswitchd: again, after it was killed. */
  async startVswitchd(): Promise<void> {
    const simulation = ['--enable-dummy=override', '--disable-system', '--disable-system-route', `--dummy-numa=${SIMULATED_NUMA}`];
    await this.#daemon(this.#vswitchd, [`unix:${this.ovsdb}`, ...simulation, `--pidfile=${join(this.directory, 'ovs-vswitchd.pid')}`]);
  }

  /** What `ovs-vsctl` prints. It waits for vswitchd unless told `--no-wait`. */
  async vsctl(...words: readonly string[]): Promise<string> {
    return (await run(OVS.vsctl, [`--db=unix:${this.ovsdb}`, '--timeout=15', ...words], this.#options)).stdout;
  }

  /** Adds a port that connects to the socket at `path`, or that has no path. */
  async addVhostPort(name: string, path: string | undefined): Promise<void> {
    const options = path === undefined ? [] : [`options:vhost-server-path=${path}`];
    await this.addPort(name, 'dpdkvhostuserclient', ...options);
  }

  /** Adds a port of the type whose socket OVS makes itself. */
  async addServerPort(name: string): Promise<void> {
    await this.addPort(name, 'dpdkvhostuser');
  }

  /** Adds a port of any type, whether or not it opens: `ovs-vsctl` ends with 0 all the same. */
  async addPort(name: string, type: string, ...columns: readonly string[]): Promise<void> {
    await this.vsctl('add-port', BRIDGE, name, '--', 'set', 'Interface', name, `type=${type}`, ...columns);
  }

  /** Kills vswitchd as the kernel would when memory runs out. It leaves its files behind. */
  async killVswitchd(): Promise<void> {
    const pid = this.#pidIn('ovs-vswitchd.pid');
    if (pid === undefined) throw new Error('vswitchd does not run');
    process.kill(pid, 'SIGKILL');
    await until('vswitchd is gone', () => !isRunning(pid));
  }

  /** Boots a VM, and waits until it listens. */
  async startVm(name: string, path: string, options: VmOptions = {}): Promise<void> {
    const [program, words] = commandOf(options.user, QEMU, wordsOf({ name, path, ...options }));
    const said = openSync(this.#vmLog(name), 'w');
    const vm = spawn(program, words, { ...this.#options, stdio: ['ignore', said, said] });
    closeSync(said);
    if (vm.pid !== undefined) this.#vms.push(vm.pid);
    await until(`${name} listens`, () => existsSync(path));
  }

  /** Waits until QEMU has said that of a VM. */
  async waitForVm(name: string, said: string): Promise<void> {
    await until(`${name} says ${said}`, () => readFileSync(this.#vmLog(name), 'utf8').includes(said));
  }

  #vmLog(name: string): string {
    return join(this.directory, `${name}.out`);
  }

  /** What vswitchd has logged. */
  log(): string {
    return readFileSync(join(this.directory, `${basename(this.#vswitchd)}.log`), 'utf8');
  }

  /** Waits until vswitchd has logged that. */
  async waitForLog(text: string): Promise<void> {
    await until(`vswitchd logs ${text}`, () => this.log().includes(text));
  }

  /** Waits until OVSDB says so of a port's column. */
  async waitFor(name: string, column: string, value: string): Promise<void> {
    await until(`${column} of ${name} is ${value}`, async () => (await this.vsctl('get', 'Interface', name, column)).trim() === value);
  }

  /** Ends all that was started, and removes its files. */
  async stop(): Promise<void> {
    const daemons = ['ovs-vswitchd.pid', 'ovsdb-server.pid'].flatMap((name) => this.#pidIn(name) ?? []);
    const pids = [...this.#vms, ...daemons].filter(isRunning);
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    await until('all have ended', () => !pids.some(isRunning));
    rmSync(this.directory, { recursive: true, force: true });
  }

  get #options() {
    // All four, or the programs look in /run/openvswitch for what is not named.
    const where = { OVS_RUNDIR: this.directory, OVS_LOGDIR: this.directory, OVS_DBDIR: this.directory, OVS_SYSCONFDIR: this.directory };
    return { cwd: this.directory, env: { PATH: process.env['PATH'], HOME: this.directory, XDG_RUNTIME_DIR: this.directory, ...where } };
  }

  async #daemon(program: string, words: readonly string[]): Promise<void> {
    const log = join(this.directory, `${basename(program)}.log`);
    const [command, all] = commandOf(this.#user, program, [...words, `--log-file=${log}`, '--detach', '--no-chdir']);
    // It lives on with the ends of any pipe.
    const child = spawn(command, all, { ...this.#options, stdio: 'ignore' });
    const exitCode = await new Promise((resolve, reject) => child.on('error', reject).on('exit', resolve));
    if (exitCode !== 0) throw new Error(`${program} did not start:\n${readFileSync(log, 'utf8').slice(-2000)}`);
  }

  #pidIn(name: string): number | undefined {
    if (!existsSync(this.directory) || !readdirSync(this.directory).includes(name)) return undefined;
    return Number(readFileSync(join(this.directory, name), 'utf8'));
  }
}

function isRunning(pid: number): boolean {
  try {
    // A process that has ended, and that nobody has asked about, still has an entry. Its first thread may end before the others.
    const hasEnded = /^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')) && readdirSync(`/proc/${pid}/task`).length === 1;
    return !hasEnded;
  } catch {
    return false;
  }
}

/** Waits until something is so. @throws when it is not after a long time */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + LONGEST_MS;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`waited ${LONGEST_MS} ms in vain: ${what}`);
    await sleep(50);
  }
}
