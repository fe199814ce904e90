import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseConfiguration } from '../../src/configuration/parse.ts';
import { AppError } from '../../src/core/errors.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../src/core/settings.ts';

const RULES = [
  { id: 'VHG101', name: 'require-hugepages' },
  { id: 'VHG104', name: 'require-dedicated-cpus' },
];
const HEAD = 'apiVersion: vhostguard.dev/v1alpha1\nkind: Configuration\n';

function parse(body: string): Settings {
  return parseConfiguration(HEAD + body, 'vhostguard.yaml', RULES).settings;
}

/** The lines of what is wrong with a whole text. */
function problemsOf(text: string): string[] {
  try {
    parseConfiguration(text, 'vhostguard.yaml', RULES);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(AppError);
    expect(thrown).toMatchObject({ code: 'CONFIG_INVALID', hint: expect.stringContaining('docs/configuration.md') });
    return (thrown as AppError).message.split('\n');
  }
  return [];
}

describe('a configuration', () => {
  test('that sets nothing is the defaults', () => {
    expect(parse('')).toEqual(DEFAULT_SETTINGS);
  });

  test('keeps the defaults beside what it sets, within a group of keys too', () => {
    expect(parse('enforcement: warn\ngroup:\n  gid: 1001\nplacement: {value: "true"}\n')).toEqual({
      ...DEFAULT_SETTINGS,
      enforcement: 'warn',
      group: { name: 'hugetlbfs', gid: 1001, as: 'supplemental' },
      placement: { label: 'network.operator.openshift.io/external-openvswitch', value: 'true' },
    });
  });

  test('replaces the volume as a whole', () => {
    expect(parse('socket: {volume: {hostPath: /var/run/vhostuser}}').socket).toEqual({
      volume: { hostPath: '/var/run/vhostuser' },
      mountPath: '/var/lib/cni/usrspcni/',
    });
  });

  test('names rules by id or name, and the settings have ids', () => {
    expect(parse('rules:\n  require-hugepages: "off"\n  VHG104: warn\n').rules).toEqual({ VHG101: 'off', VHG104: 'warn' });
  });

  test('may leave out namespaces and names of an exemption', () => {
    const [exemption] = parse('exemptions:\n- rules: [VHG104]\n  reason: lab\n  expires: 2028-02-29\n').exemptions;
    expect(exemption).toEqual({ rules: ['VHG104'], namespaces: [], names: [], reason: 'lab', expires: '2028-02-29' });
  });

  test('reads a key with nothing behind it as left out', () => {
    expect(parse('rules:\n# VHG104: warn\nbindings:\ngroup:\n  gid:\n')).toEqual(DEFAULT_SETTINGS);
  });

  test('may be JSON', () => {
    const text = '{"apiVersion": "vhostguard.dev/v1alpha1", "kind": "Configuration", "enforcement": "dryrun"}';
    expect(parseConfiguration(text, 'vhostguard.json', RULES).settings.enforcement).toBe('dryrun');
  });

  test('may write off without quotes, which Kubernetes reads as false', () => {
    expect(parse('rules: {VHG104: off}').rules).toEqual({ VHG104: 'off' });
  });
});

describe('a mistake is named with its place and what is allowed', () => {
  test.for<[string, string, ...string[]]>([
    ['an unknown key', 'enforcment: warn', '3:13: key "enforcment": unknown key, did you mean "enforcement"?'],
    ['an unknown key that resembles none', 'group: {zzzzzz: 1}', '3:17: key "group.zzzzzz": unknown key: known here are name, gid, as'],
    [
      'an unknown rule',
      'rules:\n  require-hugepage: warn',
      '4:21: key "rules.require-hugepage": there is no rule "require-hugepage", did you mean "require-hugepages"?',
    ],
    [
      'an unknown rule that resembles none',
      'rules:\n  XYZ: warn',
      '4:8: key "rules.XYZ": there is no rule "XYZ": "vhostguard rules" lists them all',
    ],
    [
      'an unknown rule of an exemption',
      'exemptions:\n- reason: lab\n  rules: [VHG101, VHG1O4]',
      '5:19: key "exemptions[0].rules[1]": there is no rule "VHG1O4", did you mean "VHG104"?',
    ],
    [
      'one rule with two enforcements',
      'rules:\n  VHG101: warn\n  require-hugepages: deny',
      '5:22: key "rules.require-hugepages": is the same rule as "VHG101": name it once',
    ],
    ['a value out of a list', 'enforcement: "off"', '3:14: key "enforcement": must be "deny", "warn" or "dryrun", not "off"'],
    [
      'an enforcement of a rule',
      'rules: {VHG101: error}',
      '3:17: key "rules.VHG101": must be "deny", "warn", "dryrun" or "off", not "error"',
    ],
    ['a string for a list', 'bindings: vhostuser', '3:11: key "bindings": must be a list, not "vhostuser"'],
    ['a list for a mapping', 'group:\n- gid: 1', '3:1: key "group": must be a mapping, not a list'],
    ['an empty list of bindings', 'bindings: []', '3:1: key "bindings": must not be empty'],
    ['a fractional number', 'group: {gid: 80.5}', '3:14: key "group.gid": must be a whole number, not 80.5'],
    ['a negative number', 'group: {gid: -1}', '3:14: key "group.gid": must be at least 0, not -1'],
    ['a number beyond a group', 'group: {gid: 4294967296}', '3:14: key "group.gid": must be at most 2147483647, not 4294967296'],
    [
      'two volumes at once',
      'socket:\n  volume: {emptyDir: {}, hostPath: /a}',
      '4:3: key "socket.volume": must have either "emptyDir: {}" or "hostPath: DIRECTORY"',
    ],
    [
      'a volume without a source',
      'socket:\n  volume: {}',
      '4:3: key "socket.volume": must have either "emptyDir: {}" or "hostPath: DIRECTORY"',
    ],
    [
      'settings of an emptyDir',
      'socket: {volume: {emptyDir: {medium: Memory}}}',
      '3:38: key "socket.volume.emptyDir.medium": unknown key: this mapping must be empty',
    ],
    ['a relative path', 'socket: {mountPath: a/b}', '3:21: key "socket.mountPath": must be an absolute path without "..", not "a/b"'],
    [
      'a path upwards',
      'socket: {mountPath: /a/../b}',
      '3:21: key "socket.mountPath": must be an absolute path without "..", not "/a/../b"',
    ],
    [
      'a label that no patch may name',
      'placement: {label: constructor}',
      '3:20: key "placement.label": must be a label key as "example.com/name", not "constructor"',
    ],
    [
      'a label without a name',
      'placement: {label: example.com/}',
      '3:20: key "placement.label": must be a label key as "example.com/name", not "example.com/"',
    ],
    [
      'a namespace pattern',
      'namespaces: {exclude: ["lab-*"]}',
      '3:24: key "namespaces.exclude[0]": must be a namespace name: lower-case letters, digits and "-", not "lab-*"',
    ],
    [
      'an exemption without a reason',
      'exemptions:\n- rules: [VHG101]',
      '4:3: key "exemptions[0].reason": is missing: an exemption must say why it is there',
    ],
    [
      'an exemption with an empty reason',
      'exemptions:\n- rules: [VHG101]\n  reason: " "',
      '5:11: key "exemptions[0].reason": must be a text that is not empty, not " "',
    ],
    ['an exemption from nothing', 'exemptions:\n- reason: lab\n  rules: []', '5:3: key "exemptions[0].rules": must not be empty'],
    [
      'an exemption until no day',
      'exemptions:\n- {rules: [VHG101], reason: lab, expires: "2027-02-30"}',
      '4:43: key "exemptions[0].expires": must be a day as "2027-12-31", not "2027-02-30"',
    ],
    [
      'an exemption until never',
      'exemptions:\n- {rules: [VHG101], reason: lab, expires: never}',
      '4:43: key "exemptions[0].expires": must be a day as "2027-12-31", not "never"',
    ],
    [
      'a key that could reach a prototype',
      '__proto__: {enforcement: warn}',
      '3:1: key "__proto__": unknown key: known here are apiVersion, kind, enforcement, rules, bindings, placement, socket, group, ovs, namespaces, exemptions, allowAnnotations, reports',
    ],
    [
      'a rule named like a member of every object',
      'rules: {constructor: warn}',
      '3:22: key "rules.constructor": there is no rule "constructor": "vhostguard rules" lists them all',
    ],
    ['a key that is written twice', 'group: {gid: 1}\ngroup: {gid: 2}', '4:1: duplicate key "group" (keep one of them)'],
  ])('%s', ([, body, ...lines]) => {
    expect(problemsOf(HEAD + body)).toEqual(lines.map((line) => `vhostguard.yaml:${line}`));
  });

  test('all of them at once, in the order of the file', () => {
    const problems = problemsOf(`${HEAD}ovs: {runsAs: nobody}\nrules: {VHG999999: warn}\nenforcment: warn\n`);
    expect(problems.map((problem) => problem.split(':')[1])).toEqual(['3', '4', '5']);
  });
});

describe('a file that is no configuration', () => {
  test.for<[string, string, string[]]>([
    ['an empty file', '# nothing\n', ['1:1: the file is empty: it must hold one document of kind Configuration']],
    ['two documents', `${HEAD}---\n${HEAD}`, ['4:1: the file must hold one document, not 2']],
    ['a list', '- a\n', ['1:1: a manifest must be a mapping, not a list']],
    [
      'another kind',
      'apiVersion: vhostguard.dev/v1\nkind: Config\n',
      [
        '1:13: key "apiVersion": must be "vhostguard.dev/v1alpha1", not "vhostguard.dev/v1"',
        '2:7: key "kind": must be "Configuration", not "Config"',
      ],
    ],
    [
      'no kind at all',
      'enforcement: warn\n',
      [
        '1:1: key "apiVersion": is missing: the file must say "apiVersion: vhostguard.dev/v1alpha1"',
        '1:1: key "kind": is missing: the file must say "kind: Configuration"',
      ],
    ],
  ])('%s', ([, text, lines]) => {
    expect(problemsOf(text)).toEqual(lines.map((line) => `vhostguard.yaml:${line}`));
  });
});

test('any JSON under any key is settings or a named problem, never a crash', () => {
  const keys = fc.constantFrom(...Object.keys(DEFAULT_SETTINGS), '__proto__', 'reports');
  fc.assert(
    fc.property(fc.dictionary(keys, fc.jsonValue()), (body) => {
      const text = JSON.stringify({ apiVersion: 'vhostguard.dev/v1alpha1', kind: 'Configuration', ...body });
      for (const problem of problemsOf(text)) expect(problem).toMatch(/^vhostguard\.yaml:\d+:\d+: /);
    }),
  );
});
