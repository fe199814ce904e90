import { stringify } from 'yaml';
import { figuresOf } from './figures.ts';
import type { HostPlan } from './plan.ts';
import { formatShell, stepsOf } from './shell.ts';

/** How a plan is shown, by the name that `-o` takes. */
export const PLAN_FORMATS = { text: formatText, json: formatJson, yaml: formatYaml, shell: formatShell } as const;

export type PlanFormat = keyof typeof PLAN_FORMATS;

/** Every figure with its derivation, the commands, and what else is to be known. */
function formatText(plan: HostPlan): string {
  const figures = figuresOf(plan).map(({ name, value, derivation }) => `${name}: ${value === '' ? 'none' : value}\n${indent(derivation)}`);
  const steps = stepsOf(plan).map(({ title, commands }) => `# ${title}\n${indent(commands)}`);
  return `${figures.join('')}\ncommands:\n${steps.join('')}\nnotes:\n${indent(plan.notes)}`;
}

function indent(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}\n`).join('');
}

/** Version 1 of the machine-readable plan: a contract, so that fields are only ever added. */
function toDocument(plan: HostPlan): object {
  const figures = figuresOf(plan).map(({ name, value, derivation }) => [name, { value, derivation }] as const);
  return {
    version: 1,
    ...(plan.description.node === undefined ? {} : { node: plan.description.node }),
    figures: Object.fromEntries(figures),
    hugepages: plan.pages.map(({ node, count }) => ({ node, pageSize: plan.description.pageSize, count })),
    commands: stepsOf(plan),
    notes: plan.notes,
  };
}

function formatJson(plan: HostPlan): string {
  return `${JSON.stringify(toDocument(plan), undefined, 2)}\n`;
}

function formatYaml(plan: HostPlan): string {
  return stringify(toDocument(plan), { aliasDuplicateObjects: false, lineWidth: 0 });
}
