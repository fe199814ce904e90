const API_VERSION = 'vhostguard.dev/v1alpha1';
const KIND = 'Configuration';

const NAME = { type: 'string', minLength: 1 } as const;
const NAMESPACES = {
  type: 'array',
  items: { type: 'string', format: 'namespace' },
} as const;
const ENFORCEMENT = { enum: ['deny', 'warn', 'dryrun', 'off'] } as const;

const EXEMPTION = {
  type: 'object',
  additionalProperties: false,
  required: ['rules', 'reason'],
  properties: {
    rules: { type: 'array', minItems: 1, items: NAME },
    namespaces: NAMESPACES,
    names: { type: 'array', items: NAME },
    reason: { type: 'string', format: 'text' },
    owner: NAME,
    expires: { type: 'string', format: 'day' },
  },
} as const;

/**
 * JSON Schema of the configuration file; the keys are those of `Settings`. Which rules exist is not its business.
 * Its formats are `FORMATS`.
 */
export const CONFIGURATION_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: ['apiVersion', 'kind'],
  properties: {
    apiVersion: { enum: [API_VERSION] },
    kind: { enum: [KIND] },
    enforcement: { enum: ['deny', 'warn', 'dryrun'] },
    rules: { type: 'object', additionalProperties: ENFORCEMENT },
    bindings: { type: 'array', minItems: 1, items: NAME },
    placement: {
      type: 'object',
      additionalProperties: false,
      properties: {
        label: { type: 'string', format: 'label-key' },
        value: { type: 'string', format: 'label-value' },
      },
    },
    socket: {
      type: 'object',
      additionalProperties: false,
      properties: {
        volume: {
          type: 'object',
          additionalProperties: false,
          minProperties: 1,
          maxProperties: 1,
          properties: {
            emptyDir: { type: 'object', additionalProperties: false },
            hostPath: { type: 'string', format: 'absolute-path' },
          },
        },
        mountPath: { type: 'string', format: 'absolute-path' },
      },
    },
    group: {
      type: 'object',
      additionalProperties: false,
      properties: {
        name: NAME,
        gid: { type: 'integer', minimum: 0, maximum: 2 ** 31 - 1 },
        as: { enum: ['supplemental', 'primary'] },
      },
    },
    ovs: {
      type: 'object',
      additionalProperties: false,
      properties: { runsAs: { enum: ['unknown', 'unprivileged', 'root'] } },
    },
    namespaces: {
      type: 'object',
      additionalProperties: false,
      properties: { exclude: NAMESPACES, shared: NAMESPACES },
    },
    exemptions: { type: 'array', items: EXEMPTION },
    allowAnnotations: { type: 'boolean' },
    reports: {
      type: 'object',
      additionalProperties: false,
      properties: { api: { enum: ['openreports', 'wgpolicyk8s'] }, events: { type: 'boolean' } },
    },
  },
} as const;

/** What a string must be, in the words of a message, and how to tell. Only named in `CONFIGURATION_SCHEMA`. */
export const FORMATS: Readonly<Record<string, { readonly expected: string; readonly isValid: (text: string) => boolean }>> = {
  text: {
    expected: 'a text that is not empty',
    isValid: (text) => text.trim() !== '',
  },
  day: { expected: 'a day as "2027-12-31"', isValid: isDay },
  namespace: {
    expected: 'a namespace name: lower-case letters, digits and "-"',
    isValid: isNamespace,
  },
  'label-key': {
    expected: 'a label key as "example.com/name"',
    isValid: isLabelKey,
  },
  'label-value': {
    expected: 'a label value: at most 63 letters, digits, "-", "_" and "."',
    isValid: isLabelValue,
  },
  'absolute-path': {
    expected: 'an absolute path without ".."',
    isValid: isAbsolutePath,
  },
};

function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  // JavaScript reads February 30 as March 2.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function isNamespace(text: string): boolean {
  return text.length <= 63 && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(text);
}

/**
 * A repair writes it into an object, and no patch may name what leads to a prototype.
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
 */
function isLabelKey(text: string): boolean {
  if (text === 'constructor' || text === 'prototype') return false;
  const [name = '', prefix, ...rest] = text.split('/').reverse();
  if (rest.length > 0 || name === '' || !isLabelValue(name)) return false;
  return prefix === undefined || (prefix.length <= 253 && /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(prefix));
}

function isLabelValue(text: string): boolean {
  return text === '' || (text.length <= 63 && /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(text));
}

function isAbsolutePath(text: string): boolean {
  return text.startsWith('/') && !text.includes('\0') && !text.split('/').includes('..');
}
