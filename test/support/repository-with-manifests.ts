import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stringify } from 'yaml';
import { builtProgram } from './built-program.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { CONTEXT, vmiWithoutHugepages } from './vmi.ts';

/** A git repository as `docs/ci.md` has it, with the programs on its PATH that a user has installed. */
export interface ManifestRepository {
  readonly directory: string;
  /** Runs a script of bash from the root of the repository. */
  run(script: string, env?: Readonly<Record<string, string>>): { readonly exitCode: number | null; readonly output: string };
}

const CONFIGURATION = {
  apiVersion: 'vhostguard.dev/v1alpha1',
  kind: 'Configuration',
  exemptions: [{ rules: ['VHG101'], names: ['vm'], reason: 'lab', expires: '2027-12-31' }],
};

/** A repository that is gone after the test. helm and kubectl print what the real ones would of its chart and overlay. */
export function manifestRepository(files: Readonly<Record<string, string>> = {}): ManifestRepository {
  const root = temporaryDirectory();
  const directory = join(root, 'repository');
  const vm = stringify(vmiWithoutHugepages({}));
  const contents = {
    'manifests/vm.yaml': `# judged\n${vm.replace(/^ {2}nodeSelector:\n.*\n/m, '')}`,
    'manifests/network.yaml': CONTEXT.map((object) => stringify(object)).join('---\n'),
    'vhostguard.yaml': stringify(CONFIGURATION),
    'overlays/production/kustomization.yaml': 'resources: [vm.yaml]\n',
    'rendered/helm.yaml': `---\n# Source: chart/templates/vm.yaml\n${vm}`,
    'rendered/kustomize.yaml': vm,
    ...files,
  };
  for (const [path, text] of Object.entries(contents)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  const bin = join(root, 'bin');
  installPrograms(bin);
  for (const argv of [
    ['init', '-q'],
    ['add', '.'],
    ['-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '-q', '-m', 'first'],
  ]) {
    execFileSync('git', argv, { cwd: directory });
  }
  return {
    directory,
    run: (script, env = {}) => {
      const { status, stdout, stderr } = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
        cwd: directory,
        encoding: 'utf8',
        env: { HOME: root, PATH: `${bin}:${process.env['PATH']}`, ...env },
      });
      return { exitCode: status, output: stdout + stderr };
    },
  };
}

function installPrograms(bin: string): void {
  const node = JSON.stringify(process.execPath);
  mkdirSync(join(bin, 'lib'), { recursive: true });
  const programs: Record<string, string> = {
    helm: 'test "$1" = template && cat rendered/helm.yaml',
    kubectl: 'case $1 in kustomize) cat rendered/kustomize.yaml ;; *) name=$1; shift; exec "kubectl-$name" "$@" ;; esac',
  };
  for (const name of ['vhostguard', 'kubectl-vhostguard']) {
    symlinkSync(builtProgram(), join(bin, 'lib', name));
    programs[name] = `exec ${node} ${JSON.stringify(join(bin, 'lib', name))} "$@"`;
  }
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
}
