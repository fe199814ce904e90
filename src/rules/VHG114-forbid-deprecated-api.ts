import type { Field } from '../core/field.ts';
import { quote } from '../core/json.ts';
import type { Violation } from '../engine/finding.ts';
import { defineRule } from '../engine/rule.ts';
import type { Workload } from '../kube/workload.ts';

/** What each deprecated API version is today. */
const SUCCESSORS = new Map([
  ['kubevirt.io/v1alpha3', 'kubevirt.io/v1'],
  ['pool.kubevirt.io/v1alpha1', 'pool.kubevirt.io/v1beta1'],
]);

/** KubeVirt leaves an annotation of this prefix for each preset that it merged into a VMI. */
const PRESET_MARK = 'virtualmachinepreset.kubevirt.io/';

export const forbidDeprecatedApi = defineRule({
  meta: {
    id: 'VHG114',
    name: 'forbid-deprecated-api',
    title: 'Forbid deprecated API versions and fields',
    why: `KubeVirt still serves \`v1alpha3\`, \`spec.running\` and presets, marked as deprecated and to be removed: an upgrade will refuse the
manifest. Presets moreover change a VMI when it is created, after its VM was checked, so that nobody sees from the VM's manifest what runs.`,
    remedy:
      'Use `kubevirt.io/v1` and `pool.kubevirt.io/v1beta1`, `runStrategy` in the place of `running`, and instancetypes with preferences in the place of presets.',
    severity: 'info',
    targets: ['workload', 'preset'],
    needs: [],
    fix: 'none',
    since: '0.1.0',
    sources: [
      'https://kubevirt.io/user-guide/compute/run_strategies/',
      'https://kubevirt.io/user-guide/user_workloads/presets/',
      'https://github.com/kubevirt/kubevirt/blob/main/staging/src/kubevirt.io/api/core/v1/register.go',
    ],
    falsePositives: 'A cluster older than KubeVirt 1.7 has no `pool.kubevirt.io/v1beta1` yet.',
    example: {
      file: 'virtual-machine.yaml',
      good: '  runStrategy: Always\n',
      bad: '  running: true\n',
    },
  },
  *check(view) {
    if (view.target === 'preset') {
      const message = 'presets are deprecated: use VirtualMachineInstancetype and VirtualMachinePreference';
      yield { path: view.root.get('kind').path, message };
      return;
    }
    const version = SUCCESSORS.get(view.apiVersion);
    if (version !== undefined)
      yield {
        path: view.root.get('apiVersion').path,
        message: `apiVersion ${quote(view.apiVersion)} is deprecated: use ${quote(version)}`,
      };
    yield* checkRunning(view);
    if (view.kind === 'VirtualMachineInstance') yield* checkPresets(view.root.get('metadata').get('annotations'));
  },
});

function* checkRunning({ vmSpec }: Workload): Iterable<Violation> {
  const running = vmSpec?.get('running');
  if (running?.isSet !== true) return;
  const strategy = running.value === false ? 'Halted' : 'Always';
  yield { path: running.path, message: `running is deprecated: set runStrategy to ${quote(strategy)} instead` };
}

function* checkPresets(annotations: Field): Iterable<Violation> {
  for (const key of Object.keys(annotations.object() ?? {})) {
    if (!key.startsWith(PRESET_MARK)) continue;
    const preset = key.slice(PRESET_MARK.length);
    yield {
      path: annotations.get(key).path,
      message: `preset ${quote(preset)} was merged into this VM, and presets are deprecated: use an instancetype and a preference`,
    };
  }
}
