import type { Field } from '../core/field.ts';
import type { JsonObject } from '../core/json.ts';
import type { Path } from '../core/path.ts';
import type { Catalogue, CatalogueEntry } from './catalogue.ts';

/** A value as the VM will have it. `path` is where the user wrote it, or the reference to what supplies it, or where it would go. */
export type Effective<T> =
  | { readonly state: 'set'; readonly value: T; readonly path: Path }
  | { readonly state: 'unset'; readonly path: Path }
  | { readonly state: 'unknown'; readonly reason: string; readonly path: Path };

const MEMFD = 'kubevirt.io/memfd';

/** The virtual machine that results from VM, instancetype and preference. Read lazily and once: an object out of scope pays nothing for it, and many rules ask for the same. */
export class EffectiveMachine {
  readonly #template: Field;
  readonly #domain: Field;
  readonly #cpu: Field;
  readonly #requests: Field;
  readonly #limits: Field;
  readonly #catalogue: Catalogue;
  #pageSize: Effective<string> | undefined;
  #guestMemory: Effective<string> | undefined;
  #requestsMemory: Effective<string> | undefined;
  #isCpuDedicated: Effective<boolean> | undefined;
  #isEmulatorThreadIsolated: Effective<boolean> | undefined;
  #hasNumaPassthrough: Effective<boolean> | undefined;
  #vcpus: Effective<number> | undefined;
  #machineType: Effective<string> | undefined;
  #launchSecurity: Effective<JsonObject> | undefined;
  #memfd: Effective<string> | undefined;
  #nodeSelector: Effective<JsonObject> | undefined;

  /** @param template what holds the VMI's metadata and spec. */
  constructor(template: Field, catalogue: Catalogue) {
    this.#template = template;
    this.#domain = template.get('spec').get('domain');
    this.#cpu = this.#domain.get('cpu');
    const resources = this.#domain.get('resources');
    this.#requests = resources.get('requests');
    this.#limits = resources.get('limits');
    this.#catalogue = catalogue;
  }

  get pageSize(): Effective<string> {
    this.#pageSize ??= this.#readPageSize();
    return this.#pageSize;
  }

  /** Guest memory as a quantity: `memory.guest`, else `requests.memory`, else `limits.memory`. */
  get guestMemory(): Effective<string> {
    this.#guestMemory ??= this.#readGuestMemory();
    return this.#guestMemory;
  }

  get requestsMemory(): Effective<string> {
    this.#requestsMemory ??= this.#readRequestsMemory();
    return this.#requestsMemory;
  }

  /** A `false` in the VM counts as unset, as KubeVirt reads it: an instancetype goes before it. */
  get isCpuDedicated(): Effective<boolean> {
    this.#isCpuDedicated ??= this.#readIsCpuDedicated();
    return this.#isCpuDedicated;
  }

  /** As `isCpuDedicated`. */
  get isEmulatorThreadIsolated(): Effective<boolean> {
    this.#isEmulatorThreadIsolated ??= this.#readIsEmulatorThreadIsolated();
    return this.#isEmulatorThreadIsolated;
  }

  get hasNumaPassthrough(): Effective<boolean> {
    this.#hasNumaPassthrough ??= this.#readHasNumaPassthrough();
    return this.#hasNumaPassthrough;
  }

  /** Virtual CPUs: sockets x cores x threads, each at least 1. */
  get vcpus(): Effective<number> {
    this.#vcpus ??= this.#readVcpus();
    return this.#vcpus;
  }

  get machineType(): Effective<string> {
    this.#machineType ??= this.#readMachineType();
    return this.#machineType;
  }

  /** SEV, SNP, TDX or Secure Execution: protected memory that OVS cannot map. */
  get launchSecurity(): Effective<JsonObject> {
    this.#launchSecurity ??= this.#readLaunchSecurity();
    return this.#launchSecurity;
  }

  /** The annotation `kubevirt.io/memfd`; "false" turns off memfd, which is what shares hugepages. */
  get memfd(): Effective<string> {
    this.#memfd ??= this.#readMemfd();
    return this.#memfd;
  }

  get nodeSelector(): Effective<JsonObject> {
    this.#nodeSelector ??= this.#readNodeSelector();
    return this.#nodeSelector;
  }

  #readPageSize(): Effective<string> {
    const field = this.#domain.get('memory').get('hugepages').get('pageSize');
    return this.#fromInstancetype(written(field, field.quantity()), (type) =>
      type.get('memory').get('hugepages').get('pageSize').quantity(),
    );
  }

  #readGuestMemory(): Effective<string> {
    const guest = this.#domain.get('memory').get('guest');
    const candidates = [guest, this.#requests.get('memory'), this.#limits.get('memory')];
    const field = candidates.find((candidate) => candidate.isSet) ?? guest;
    return this.#fromInstancetype(written(field, field.quantity()), (type) => type.get('memory').get('guest').quantity());
  }

  #readRequestsMemory(): Effective<string> {
    const field = this.#requests.get('memory');
    return written(field, field.quantity());
  }

  #readIsCpuDedicated(): Effective<boolean> {
    const field = this.#cpu.get('dedicatedCpuPlacement');
    return this.#fromInstancetype(written(field, field.boolean() || undefined), (type) =>
      type.get('cpu').get('dedicatedCPUPlacement').boolean(),
    );
  }

  #readIsEmulatorThreadIsolated(): Effective<boolean> {
    const field = this.#cpu.get('isolateEmulatorThread');
    return this.#fromInstancetype(written(field, field.boolean() || undefined), (type) =>
      type.get('cpu').get('isolateEmulatorThread').boolean(),
    );
  }

  #readHasNumaPassthrough(): Effective<boolean> {
    const field = this.#cpu.get('numa').get('guestMappingPassthrough');
    return this.#fromInstancetype(
      written(field, field.isSet || undefined),
      (type) => type.get('cpu').get('numa').get('guestMappingPassthrough').isSet || undefined,
    );
  }

  #readVcpus(): Effective<number> {
    const cpu = this.#cpu;
    const count = readTopology(cpu) ?? wholeCpus(this.#requests.get('cpu')) ?? wholeCpus(this.#limits.get('cpu'));
    const vcpus = this.#fromInstancetype(written(cpu, count), (type) => type.get('cpu').get('guest').count());
    return vcpus.state === 'unset' ? { state: 'set', value: 1, path: vcpus.path } : vcpus;
  }

  #readMachineType(): Effective<string> {
    const field = this.#domain.get('machine').get('type');
    return orElse(
      written(field, field.string() || undefined),
      this.#catalogue.preference,
      (type) => type.get('machine').get('preferredMachineType').string() || undefined,
    );
  }

  #readLaunchSecurity(): Effective<JsonObject> {
    const field = this.#domain.get('launchSecurity');
    return this.#fromInstancetype(written(field, field.object()), (type) => type.get('launchSecurity').object());
  }

  #readMemfd(): Effective<string> {
    const field = this.#template.get('metadata').get('annotations').get(MEMFD);
    return this.#fromInstancetype(written(field, field.string()), (type) => type.get('annotations').get(MEMFD).string());
  }

  #readNodeSelector(): Effective<JsonObject> {
    const field = this.#template.get('spec').get('nodeSelector');
    return this.#fromInstancetype(written(field, field.object()), (type) => type.get('nodeSelector').object());
  }

  #fromInstancetype<T>(own: Effective<T>, read: (spec: Field) => T | undefined): Effective<T> {
    return orElse(own, this.#catalogue.instancetype, read);
  }
}

/** What the user wrote in the VM. */
export function written<T>(field: Field, value: T | undefined): Effective<T> {
  return value === undefined ? { state: 'unset', path: field.path } : { state: 'set', value, path: field.path };
}

/** What the VM leaves out, its instancetype or preference supplies. */
export function orElse<T>(own: Effective<T>, entry: CatalogueEntry, read: (spec: Field) => T | undefined): Effective<T> {
  if (own.state !== 'unset' || entry.state === 'none') return own;
  const path = entry.reference.path;
  if (entry.state === 'unknown') return { state: 'unknown', reason: entry.reason, path };
  const value = read(entry.spec);
  return value === undefined ? own : { state: 'set', value, path };
}

function readTopology(cpu: Field): number | undefined {
  const parts = ['sockets', 'cores', 'threads'].map((key) => cpu.get(key));
  if (!parts.some((part) => part.isSet)) return undefined;
  return parts.reduce((product, part) => product * Math.max(1, part.count() ?? 1), 1);
}

function wholeCpus(field: Field): number | undefined {
  const text = field.quantity();
  return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) : undefined;
}
