import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const CPUS = 48;
const NUMA_NODES = 2;
/** As the kernel numbers the threads of 24 cores. */
const SIBLING_DISTANCE = 24;

/** Processes of a pod: the launcher, its two helpers, QEMU. All in one network namespace. */
const PROCESSES_PER_POD = 4;
const HOST_PROCESSES = 700;
const FIRST_POD_PROCESS = 10_000;

const PCI_DEVICES = 120;
const NICS = 8;

/** The files of a host with 48 CPUs on two NUMA nodes and some pods, below a directory, and who listens on the pods' sockets. */
export class SimulatedHost {
  readonly root: string;
  /** The socket of each pod, by a path that leads to it in the file system of this machine and below `root`. */
  readonly sockets: readonly string[];
  readonly #servers: Server[] = [];
  readonly #connections = new Set<Socket>();

  private constructor(root: string, pods: number) {
    this.root = root;
    this.sockets = Array.from({ length: pods }, (_, pod) => `${root}/var/lib/vhost_sockets/pod-${pod}/0123456789ab-net1`);
  }

  static async create(pods: number): Promise<SimulatedHost> {
    const host = new SimulatedHost(mkdtempSync(join(tmpdir(), 'vg-host-')), pods);
    host.#writeProcessors();
    host.#writeMemory();
    host.#writeDevices();
    host.#writeProcesses();
    await host.#listen();
    // What OVS is told is a path of this machine: within the tree it leads back to the tree's root.
    host.#link(host.root, '/');
    return host;
  }

  /** Lets a process of this machine be seen on the host. */
  showProcess(pid: number): void {
    for (const name of ['comm', 'status']) this.#write(`/proc/${pid}/${name}`, readFileSync(`/proc/${pid}/${name}`, 'utf8'));
    this.#link(`/proc/${pid}/ns/net`, 'net:[4026531840]');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.#connections) connection.destroy();
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
    rmSync(this.root, { recursive: true, force: true });
  }

  #writeProcessors(): void {
    const flags = 'fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat vmx sse sse2 ht avx2 avx512f pdpe1gb';
    const processor = (cpu: number) =>
      `processor\t: ${cpu}\nvendor_id\t: GenuineIntel\nmodel name\t: a processor\nflags\t\t: ${flags}\nbugs\t\t: none\n`;
    this.#write('/proc/cpuinfo', Array.from({ length: CPUS }, (_, cpu) => processor(cpu)).join('\n'));
    this.#write('/sys/devices/system/cpu/online', `0-${CPUS - 1}\n`);
    for (const name of ['isolated', 'nohz_full']) this.#write(`/sys/devices/system/cpu/${name}`, '2-23,26-47\n');
    for (let cpu = 0; cpu < CPUS; cpu += 1) {
      const first = cpu % SIBLING_DISTANCE;
      this.#write(`/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`, `${first},${first + SIBLING_DISTANCE}\n`);
    }
    this.#write('/var/lib/kubelet/config.yaml', KUBELET_CONFIGURATION);
    this.#write('/var/lib/kubelet/cpu_manager_state', CPU_MANAGER_STATE);
  }

  #writeMemory(): void {
    const kernel = 'default_hugepagesz=1G hugepagesz=1G hugepages=64 intel_iommu=on iommu=pt isolcpus=managed_irq,domain,2-23,26-47';
    this.#write('/proc/cmdline', `BOOT_IMAGE=/vmlinuz root=/dev/sda1 ${kernel} nohz_full=2-23,26-47\n`);
    for (let node = 0; node < NUMA_NODES; node += 1) {
      const directory = `/sys/devices/system/node/node${node}`;
      const cpus = Array.from({ length: CPUS }, (_, cpu) => cpu).filter((cpu) => cpu % NUMA_NODES === node);
      this.#write(`${directory}/cpulist`, `${cpus.join(',')}\n`);
      this.#write(`${directory}/meminfo`, `Node ${node} MemTotal:       197575928 kB\nNode ${node} MemFree:        86211332 kB\n`);
      for (const [size, count] of [[2048, 0] as const, [1_048_576, 32] as const])
        for (const name of ['nr_hugepages', 'free_hugepages'])
          this.#write(`${directory}/hugepages/hugepages-${size}kB/${name}`, `${count}\n`);
    }
  }

  #writeDevices(): void {
    for (let unit = 0; unit < NUMA_NODES; unit += 1) this.#write(`/sys/class/iommu/dmar${unit}/uevent`, '');
    for (let index = 0; index < PCI_DEVICES; index += 1) {
      const address = `0000:${(0x10 + index).toString(16)}:00.0`;
      const isNic = index < NICS;
      const members = { vendor: '0x8086', device: '0x1592', class: isNic ? '0x020000' : '0x088000', numa_node: index % NUMA_NODES };
      for (const [name, value] of Object.entries(members)) this.#write(`/sys/bus/pci/devices/${address}/${name}`, `${value}\n`);
      this.#write(`/sys/bus/pci/devices/${address}/driver_override`, '(null)\n');
      if (isNic) this.#link(`/sys/bus/pci/devices/${address}/driver`, '../../../bus/pci/drivers/ice');
      this.#link(`/sys/bus/pci/devices/${address}/iommu_group`, `../../../kernel/iommu_groups/${index}`);
      this.#write(`/sys/kernel/iommu_groups/${index}/type`, 'identity\n');
      this.#write(`/sys/kernel/iommu_groups/${index}/devices/${address}`, '');
    }
  }

  #writeProcesses(): void {
    const others = Array.from({ length: HOST_PROCESSES }, (_, index) => `/run/service-${index}.sock`);
    for (let pid = 1; pid <= HOST_PROCESSES; pid += 1) this.#writeProcess(pid, 'net:[4026531840]');
    this.#write('/proc/2/comm', 'kthreadd\n');
    this.#write('/proc/1/net/unix', listOfSockets(others));
    for (const [pod, socket] of this.sockets.entries()) {
      const first = FIRST_POD_PROCESS + pod * PROCESSES_PER_POD;
      for (let index = 0; index < PROCESSES_PER_POD; index += 1) this.#writeProcess(first + index, `net:[${4_026_532_000 + pod}]`);
      this.#write(`/proc/${first}/net/unix`, listOfSockets([`/var/lib/cni/usrspcni/${socket.slice(socket.lastIndexOf('/') + 1)}`]));
    }
  }

  #writeProcess(pid: number, namespace: string): void {
    this.#write(`/proc/${pid}/comm`, `worker-${pid}\n`);
    this.#link(`/proc/${pid}/ns/net`, namespace);
  }

  /** Behind each socket sits somebody who never answers, as QEMU while its guest has no driver: each port has something to be found. */
  async #listen(): Promise<void> {
    for (const path of this.sockets) {
      mkdirSync(dirname(path), { recursive: true });
      const server = createServer((connection) => this.#connections.add(connection.on('error', () => undefined)));
      await new Promise<void>((resolve, reject) => server.on('error', reject).listen(path, resolve));
      this.#servers.push(server);
    }
  }

  #write(path: string, text: string): void {
    writeFileSync(this.#prepared(path), text);
  }

  #link(path: string, target: string): void {
    symlinkSync(target, this.#prepared(path));
  }

  #prepared(path: string): string {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    return file;
  }
}

/** As `/proc/net/unix`, of sockets that are listened on. */
function listOfSockets(paths: readonly string[]): string {
  const lines = paths.map((path, index) => `0000000000000000: 00000002 00000000 00010000 0001 01 ${20_000 + index} ${path}`);
  return ['Num       RefCount Protocol Flags    Type St Inode Path', ...lines, ''].join('\n');
}

const KUBELET_CONFIGURATION = `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
cpuManagerPolicy: static
cpuManagerPolicyOptions:
  full-pcpus-only: "true"
  strict-cpu-reservation: "true"
reservedSystemCPUs: 0-3,24-27
topologyManagerPolicy: restricted
`;

const CPU_MANAGER_STATE = JSON.stringify({ policyName: 'static', defaultCpuSet: '4-23,28-47', entries: {}, checksum: 1 });
