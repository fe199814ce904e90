/** The `apiVersion` and `kind` of a host's description. */
const DESCRIPTION = { apiVersion: 'vhostguard.dev/v1alpha1', kind: 'HostDescription' } as const;

const TEXT = { type: 'string' } as const;
const COUNT = { type: 'integer', minimum: 0 } as const;
/** YAML reads the list of a single CPU as a number. */
const CPUS = { type: ['string', 'integer'] } as const;

/** JSON Schema of a host's description: the shape of `WrittenDescription`. What its values mean is checked by `readDescription`. */
export const DESCRIPTION_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: ['apiVersion', 'kind'],
  properties: {
    apiVersion: { enum: [DESCRIPTION.apiVersion] },
    kind: { enum: [DESCRIPTION.kind] },
    node: TEXT,
    numa: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['cpus'],
        properties: { id: COUNT, cpus: CPUS, vmMemory: TEXT, vmPorts: COUNT },
      },
    },
    siblings: { type: ['string', 'array'], items: TEXT },
    nics: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['pci'],
        properties: {
          pci: TEXT,
          numa: { type: 'integer', minimum: -1 },
          mtu: { type: 'integer' },
          queues: { type: 'integer' },
          port: TEXT,
          driver: TEXT,
        },
      },
    },
    pageSize: TEXT,
    cpuVendor: TEXT,
    pmdCores: { type: 'integer' },
    pmdCpus: CPUS,
    pmdCpuMask: TEXT,
    reservedCpus: CPUS,
    socketMem: { type: ['string', 'integer'] },
    perPortMemory: { type: 'boolean' },
    vmMtu: { type: 'integer' },
    vmQueues: { type: 'integer' },
    bridge: TEXT,
    socketDirectory: TEXT,
    group: TEXT,
  },
} as const;
