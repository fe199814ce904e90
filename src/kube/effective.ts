import type { Field } from '../core/field.ts';
import type { JsonObject } from '../core/json.ts';
import type { Path } from '../core/path.ts';
import type { Catalogue, CatalogueEntry } from './catalogue.ts';

/** A value as the VM will have it. `path` is where the user wrote it, or the reference to what supplies it, or where it would go. */
export type Effective<T> =
  | { readonly state: 'set'; readonly value: T; readonly path: Path }
  | { readonly state: 'unset'; readonly path: Path }
  | { readonly state: 'unknown'; readonly reason: string; readonly path: Path };

/** The virtual machine that results from VM, instancetype and preference. */
export interface EffectiveMachine {
  readonly pageSize: Effective<string>;
  /** Guest memory as a quantity: `memory.guest`, else `requests.memory`, else `limits.memory`. */
  readonly guestMemory: Effective<string>;
  readonly requestsMemory: Effective<string>;
  /** A `false` in the VM counts as unset, as KubeVirt reads it: an instancetype goes before it. */
  readonly isCpuDedicated: Effective<boolean>;
  /** As `isCpuDedicated`. */
  readonly isEmulatorThreadIsolated: Effective<boolean>;
  readonly hasNumaPassthrough: Effective<boolean>;
  /** Virtual CPUs: sockets x cores x threads, each at least 1. */
  readonly vcpus: Effective<number>;
  readonly machineType: Effective<string>;
  /** SEV, SNP, TDX or Secure Execution: protected memory that OVS cannot map. */
  readonly launchSecurity: Effective<JsonObject>;
  /** The annotation `kubevirt.io/memfd`; "false" turns off memfd, which is what shares hugepages. */
  readonly memfd: Effective<string>;
  readonly nodeSelector: Effective<JsonObject>;
}

const MEMFD = 'kubevirt.io/memfd';

/**
 * Reads the machine lazily: an object out of scope pays nothing for it.
 *
 * @param template what holds the VMI's metadata and spec.
 */
export function readEffectiveMachine(template: Field, { instancetype, preference }: Catalogue): EffectiveMachine {
  const spec = template.get('spec');
  const domain = spec.get('domain');
  const cpu = domain.get('cpu');
  const memory = domain.get('memory');
  const requests = domain.get('resources').get('requests');
  const limits = domain.get('resources').get('limits');
  return {
    get pageSize() {
      const field = memory.get('hugepages').get('pageSize');
      return orElse(written(field, field.quantity()), instancetype, (type) =>
        type.get('memory').get('hugepages').get('pageSize').quantity(),
      );
    },
    get guestMemory() {
      const field =
        [memory.get('guest'), requests.get('memory'), limits.get('memory')].find((candidate) => candidate.isSet) ?? memory.get('guest');
      return orElse(written(field, field.quantity()), instancetype, (type) => type.get('memory').get('guest').quantity());
    },
    get requestsMemory() {
      return written(requests.get('memory'), requests.get('memory').quantity());
    },
    get isCpuDedicated() {
      const field = cpu.get('dedicatedCpuPlacement');
      return orElse(written(field, field.boolean() || undefined), instancetype, (type) =>
        type.get('cpu').get('dedicatedCPUPlacement').boolean(),
      );
    },
    get isEmulatorThreadIsolated() {
      const field = cpu.get('isolateEmulatorThread');
      return orElse(written(field, field.boolean() || undefined), instancetype, (type) =>
        type.get('cpu').get('isolateEmulatorThread').boolean(),
      );
    },
    get hasNumaPassthrough() {
      const field = cpu.get('numa').get('guestMappingPassthrough');
      return orElse(
        written(field, field.isSet || undefined),
        instancetype,
        (type) => type.get('cpu').get('numa').get('guestMappingPassthrough').isSet || undefined,
      );
    },
    get vcpus(): Effective<number> {
      const own = written(cpu, readTopology(cpu) ?? wholeCpus(requests.get('cpu')) ?? wholeCpus(limits.get('cpu')));
      const vcpus = orElse(own, instancetype, (type) => type.get('cpu').get('guest').count());
      return vcpus.state === 'unset' ? { state: 'set', value: 1, path: vcpus.path } : vcpus;
    },
    get machineType() {
      const field = domain.get('machine').get('type');
      return orElse(
        written(field, field.string() || undefined),
        preference,
        (type) => type.get('machine').get('preferredMachineType').string() || undefined,
      );
    },
    get launchSecurity() {
      const field = domain.get('launchSecurity');
      return orElse(written(field, field.object()), instancetype, (type) => type.get('launchSecurity').object());
    },
    get memfd() {
      const field = template.get('metadata').get('annotations').get(MEMFD);
      return orElse(written(field, field.string()), instancetype, (type) => type.get('annotations').get(MEMFD).string());
    },
    get nodeSelector() {
      const field = spec.get('nodeSelector');
      return orElse(written(field, field.object()), instancetype, (type) => type.get('nodeSelector').object());
    },
  };
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
