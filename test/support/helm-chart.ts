import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { isObject, type JsonObject } from '../../src/core/json.ts';
import { parseTemplate, render, type Template } from './go-template.ts';
import type { Deployed } from './kustomized.ts';
import { ROOT } from './walls.ts';

const CHART = resolve(ROOT, 'deploy/helm/vhostguard');

const HAS_HELM = spawnSync('helm', ['version']).status === 0;

/** `describe` where helm is there; without it, skipped tests whose name says why. */
export function describeWithHelm(name: string, body: () => void): void {
  if (HAS_HELM) describe(name, body);
  else describe.skip(`${name} (NOT TESTED: there is no helm)`, body);
}

/** A YAML or JSON file of the chart. */
export function chartFile(path: string): JsonObject {
  return parse(readFileSync(join(CHART, path), 'utf8')) as JsonObject;
}

/** All templates of the chart, NOTES.txt too, by file name. */
export const TEMPLATES: ReadonlyMap<string, Template> = new Map(
  readdirSync(join(CHART, 'templates')).map((name) => [name, parseTemplate(readFileSync(join(CHART, 'templates', name), 'utf8'))]),
);

/** Values over others, as Helm lays them: mappings are merged, all else is replaced. */
export function merged(below: JsonObject, above: JsonObject): JsonObject {
  const pairs = Object.entries(above).map(([key, value]) => {
    const under = below[key];
    return [key, isObject(under) && isObject(value) ? merged(under, value) : value];
  });
  return { ...below, ...Object.fromEntries(pairs) };
}

/** What one template makes of the values given, over those of values.yaml. */
export function renderedText(name: string, values: JsonObject, namespace: string): string {
  return render(TEMPLATES.get(name) ?? [], {
    Values: merged(chartFile('values.yaml'), values),
    Release: { Namespace: namespace },
    Chart: { AppVersion: chartFile('Chart.yaml')['appVersion'] },
    Files: { Get: (path: string) => readFileSync(join(CHART, path), 'utf8') },
  });
}

/** The objects that the chart makes of values, by the interpreter of this project. */
export function charted(values: JsonObject, namespace = 'vhostguard'): Deployed[] {
  const names = [...TEMPLATES.keys()].filter((name) => name.endsWith('.yaml'));
  return names.flatMap((name) => documentsOf(renderedText(name, values, namespace)));
}

/** The objects that the chart makes of values, by Helm. */
export function chartedByHelm(values: JsonObject, namespace = 'vhostguard'): Deployed[] {
  return documentsOf(helm('template', values, '--namespace', namespace));
}

/** What a command of helm prints for the chart with these values. @throws Error with what it complains of */
export function helm(command: 'template' | 'lint', values: JsonObject, ...flags: readonly string[]): string {
  return execFileSync('helm', [command, CHART, '--values', '-', ...flags], {
    encoding: 'utf8',
    stdio: 'pipe',
    input: JSON.stringify(values),
  });
}

function documentsOf(text: string): Deployed[] {
  return parseAllDocuments(text).flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw error;
    return (document.toJS() as Deployed | null) ?? [];
  });
}
