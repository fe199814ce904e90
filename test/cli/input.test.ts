import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCli } from '../support/run-cli.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** A VMI with a vhost-user NIC and no hugepages; VHG101 is on line 6. */
const VMI = `apiVersion: kubevirt.io/v1
kind: VirtualMachineInstance
metadata: {name: vm}
spec:
  domain:
    memory: {guest: 1Gi}
    devices: {interfaces: [{name: dpdk, binding: {name: vhostuser}}]}
  networks: [{name: dpdk, multus: {networkName: ovs-net}}]
`;

interface JsonReport {
  readonly summary: { readonly objects: number };
  readonly findings: readonly { readonly rule: string; readonly file: string; readonly line: number; readonly renderedBy?: string }[];
  readonly errors: readonly { readonly file: string; readonly line: number; readonly message: string; readonly hint?: string }[];
}

/** A directory with a file of that text at each path. */
function tree(files: Readonly<Record<string, string>>): string {
  const root = temporaryDirectory();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

async function check(argv: readonly string[], stdin = ''): Promise<JsonReport & { exitCode: number }> {
  const { exitCode, stdout } = await runCli(['check', '-o', 'json', '--no-repair', ...argv], { stdin });
  return { ...(JSON.parse(stdout) as JsonReport), exitCode };
}

/** The files in which hugepages are missed. */
function filesOf({ findings }: JsonReport): string[] {
  return findings.filter(({ rule }) => rule === 'VHG101').map(({ file }) => file);
}

describe('a quoted glob', () => {
  const files = {
    'a.yaml': VMI,
    'x/b.yaml': VMI,
    'x/y/c.yml': VMI,
    'x/node_modules/d.yaml': VMI,
    'x/.git/e.yaml': VMI,
    'x/note.txt': 'no: manifest: at all',
  };

  test.for<[string, string[]]>([
    ['*.yaml', ['a.yaml']],
    ['**/*.yaml', ['a.yaml', 'x/b.yaml']],
    ['**/*.y{a,}ml', ['a.yaml', 'x/b.yaml', 'x/y/c.yml']],
    ['x/*/[a-c].yml', ['x/y/c.yml']],
    ['x/node_modules/*', ['x/node_modules/d.yaml']],
    ['?.yaml', ['a.yaml']],
  ])('%s stands for the files that it matches, in order', async ([pattern, expected]) => {
    const root = tree(files);
    const absolute = await check([join(root, pattern)]);
    expect(filesOf(absolute)).toEqual(expected.map((path) => join(root, path)));
    const below = relative(process.cwd(), root);
    expect(filesOf(await check([join(below, pattern)]))).toEqual(expected.map((path) => join(below, path)));
  });

  test('that matches nothing is exit 3', async () => {
    const pattern = join(tree(files), '*.json');
    const { exitCode, errors } = await check([pattern]);
    expect(exitCode).toBe(3);
    expect(errors).toEqual([
      { file: pattern, line: 0, column: 0, message: 'no file matches the pattern', hint: expect.stringContaining('**') },
    ]);
  });

  test('is no pattern where a file has that name', async () => {
    const root = tree({ 'vm[1].yaml': VMI, 'vm1.yaml': 'kind: Pod\n' });
    expect(filesOf(await check([join(root, 'vm[1].yaml')]))).toEqual([join(root, 'vm[1].yaml')]);
  });

  test('finds each file once, and names a link that leads nowhere', async () => {
    const root = tree({ 'a/vm.yaml': VMI });
    symlinkSync('..', join(root, 'a', 'loop'));
    symlinkSync('vm.yaml', join(root, 'a', 'zlink.yaml'));
    symlinkSync('nowhere', join(root, 'a', 'dangling.yaml'));
    symlinkSync('self.yaml', join(root, 'a', 'self.yaml'));
    const { exitCode, errors, ...report } = await check([join(root, '**/*.yaml')]);
    expect(filesOf(report as JsonReport)).toEqual([join(root, 'a/vm.yaml')]);
    expect(errors.map(({ file, message }) => [relative(root, file), message])).toEqual([
      ['a/dangling.yaml', 'there is no such file or directory'],
      ['a/self.yaml', 'its symbolic links lead in a circle'],
    ]);
    expect(exitCode).toBe(3);
  });
});

test('a file that is named twice is judged once', async () => {
  const root = tree({ 'a.yaml': VMI });
  const { summary } = await check([root, join(root, 'a.yaml'), join(root, '*.yaml'), `${root}/./a.yaml`]);
  expect(summary.objects).toBe(1);
});

describe('what helm template prints', () => {
  const NAD = readFileSync('deploy/examples/network-default.yaml', 'utf8').replace(/^#.*\n/, '');
  const printed = `---\n# Source: chart/templates/net.yaml\n${NAD}---\n# Source: chart/templates/vm.yaml\n${VMI}`;

  test('has the template for a file, and the lines that helm prints of it', async () => {
    const { findings } = await check(['-'], printed);
    expect(findings.filter(({ rule }) => rule === 'VHG101')).toMatchObject([
      { file: 'chart/templates/vm.yaml', line: 8, renderedBy: 'helm' },
    ]);
  });

  test('says so, and offers no replacement in a file that reads otherwise', async () => {
    const text = await runCli(['check', '-'], { stdin: printed });
    expect(text.stdout).toMatch(
      /^chart\/templates\/vm\.yaml:8:\d+: error VHG101 [\s\S]*?\n8 \| {5}memory: .*\n.*\n {3}= line 8 of what `helm template --show-only` prints of it\n {3}= fix: /m,
    );
    const github = await runCli(['check', '-o', 'github', '-'], { stdin: printed });
    expect(github.stdout).toMatch(/^::error file=chart\/templates\/vm\.yaml,title=VHG101 [^,]+::.*%0Aline 8 of what `helm template/m);
    const sarif = await runCli(['check', '-o', 'sarif', '-'], { stdin: printed });
    const { runs } = JSON.parse(sarif.stdout) as {
      runs: [{ results: { message: { text: string }; locations: [{ physicalLocation: object }] }[] }];
    };
    expect(runs[0].results.length).toBeGreaterThan(1);
    for (const result of runs[0].results) {
      expect(Object.keys(result)).not.toContain('fixes');
      expect(result.message.text).toMatch(/\nline \d+ of what `helm template --show-only` prints of it$/);
      expect(result.locations[0].physicalLocation).toEqual({
        artifactLocation: { uri: 'chart/templates/vm.yaml', uriBaseId: '%SRCROOT%' },
        region: { startLine: 1 },
      });
    }
  });

  test('is repaired where it is made, which every format for people says', async () => {
    const outputs = await Promise.all(
      ['text', 'markdown', 'junit', 'github'].map(
        async (format) => (await runCli(['check', '-o', format, '-'], { stdin: printed })).stdout,
      ),
    );
    for (const output of outputs) {
      expect(output).toMatch(/line 8 of what \\?`helm template --show-only\\?` prints of it/);
      expect(output).toContain("change the chart's template or values");
      expect(output).not.toContain('vhostguard fix');
    }
  });

  test('that does not parse is exit 3 in its template, and the rest is judged', async () => {
    const { exitCode, errors, ...report } = await check(['-'], `---\n# Source: chart/templates/bad.yaml\na: [\n${printed}`);
    expect(exitCode).toBe(3);
    expect(errors).toMatchObject([{ file: 'chart/templates/bad.yaml', line: expect.toBeOneOf([3, 4]), renderedBy: 'helm' }]);
    expect(filesOf(report as JsonReport)).toEqual(['chart/templates/vm.yaml']);
  });

  test('comes out of mutate whole and in its order, but for the repairs', async () => {
    const { stdout } = await runCli(['mutate', '-'], { stdin: printed });
    expect(stdout.replace(/ {2}nodeSelector:\n.*\n/, '').replace(/ {4}machine:\n.*\n/, '')).toBe(printed);
    expect(stdout).not.toBe(printed);
  });

  test('is a file like any other once it is written to one', async () => {
    const file = join(tree({ 'rendered.yaml': printed }), 'rendered.yaml');
    const line = printed.slice(0, printed.indexOf('    memory: ')).split('\n').length;
    expect((await check([file])).findings.filter(({ rule }) => rule === 'VHG101')).toMatchObject([{ file, line }]);
  });
});

describe('what a missing object would decide', () => {
  test('is a skip that names the object, and exit 1 with --fail-on-unknown', async () => {
    const argv = ['deploy/examples/virtual-machine.yaml'];
    const { exitCode, stdout } = await runCli(['check', ...argv]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('VHG120: NetworkAttachmentDefinition "nfv/userspace-ovs-net-1" is not in the files given\n');
    expect(stdout).toContain('VHG123: a Node is not in the files given\n');
    expect((await runCli(['check', '--fail-on-unknown', ...argv])).exitCode).toBe(1);
    expect((await runCli(['check', '--fail-on-unknown', '--fail-on', 'never', ...argv])).exitCode).toBe(1);
  });

  test('is one line for all objects that wait for it', async () => {
    const machine = readFileSync('deploy/examples/virtual-machine.yaml', 'utf8');
    const twice = `${machine}\n---\n${machine.replace('  name: trex\n', '  name: second\n')}`;
    const { stdout } = await runCli(['check', '-'], { stdin: twice });
    const skips = stdout.split('\n').filter((line) => line.includes(': skip '));
    expect(skips.filter((line) => line.includes('VHG123'))).toEqual([
      expect.stringMatching(/^<stdin>:\d+:\d+: skip VHG123: a Node is not in the files given \(and so for 1 other object\)$/),
    ]);
    const { findings } = await check(['-'], twice);
    expect(findings.filter(({ rule }) => rule === 'VHG123')).toHaveLength(2);
  });

  test('is answered by objects in the same input, in any order', async () => {
    const argv = [
      '--fail-on-unknown',
      'deploy/examples/virtual-machine.yaml',
      'deploy/examples/network.yaml',
      'deploy/examples/cluster.yaml',
    ];
    expect(await runCli(['check', ...argv])).toMatchObject({ exitCode: 0 });
    expect(await runCli(['check', ...argv.toReversed()])).toMatchObject({ exitCode: 0 });
  });
});
