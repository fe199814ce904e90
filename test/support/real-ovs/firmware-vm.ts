/** How a VM has its memory: in a file that OVS maps too, in a file that it keeps a copy of, in none. */
export type GuestMemory = 'shared' | 'private' | 'anonymous';

export interface FirmwareVm {
  readonly name: string;
  /** Where it listens for OVS. */
  readonly path: string;
  readonly memory?: GuestMemory;
  /** It listens, and its guest is never started. */
  readonly isPaused?: boolean;
}

const MEMORY: Readonly<Record<GuestMemory, readonly string[]>> = {
  shared: ['-object', 'memory-backend-memfd,id=mem0,size=64M,share=on', '-numa', 'node,memdev=mem0'],
  private: ['-object', 'memory-backend-memfd,id=mem0,size=64M,share=off', '-numa', 'node,memdev=mem0'],
  anonymous: [],
};

/** QEMU's arguments for a VM of firmware only, whose iPXE looks for a network and so sends packets. */
export function wordsOf({ name, path, memory = 'shared', isPaused = false }: FirmwareVm): string[] {
  const machine = ['-machine', 'q35,accel=tcg', '-cpu', 'qemu64', '-m', '64', '-display', 'none', '-monitor', 'none'];
  const socket = ['-chardev', `socket,id=c0,path=${path},server=on,wait=off`, '-netdev', 'vhost-user,id=n0,chardev=c0'];
  const nic = ['-device', 'virtio-net-pci,netdev=n0,mac=52:54:00:00:00:01', '-boot', 'order=n,reboot-timeout=500'];
  return ['-name', name, ...machine, ...MEMORY[memory], ...socket, ...nic, ...(isPaused ? ['-S'] : [])];
}
