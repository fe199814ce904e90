import { expect, test } from 'vitest';
import { fieldsOf, parseTemplate, render } from '../support/go-template.ts';

const DATA = { a: { b: 'text', empty: '', zero: 0, list: ['x', 'z'], none: {} }, Get: (path: string) => `kind: ${path}\n` };

// Each expectation is what Helm 3.17.1 and 4.1.4 make of it.
test.for([
  ['{{ .a.b }}', 'text'],
  ['1 {{- .a.b -}}\n 2', '1text2'],
  ['1 {{- /* if */ -}} 2', '12'],
  ['{{ if .a.b }}yes{{ else }}no{{ end }}', 'yes'],
  ['{{ if .a.empty }}yes{{ else }}no{{ end }}', 'no'],
  ['{{ if .a.zero }}yes{{ end }}{{ if .a.none }}yes{{ end }}.', '.'],
  ['{{ with .a }}{{ .b }}{{ end }}', 'text'],
  ['{{ with .a.empty }}{{ . }}{{ else }}{{ .a.b }}{{ end }}', 'text'],
  ['{{ if .a.b }}{{ if .a.empty }}1{{ else }}2{{ end }}{{ else }}3{{ end }}4', '24'],
  ['{{ if eq .a.b "text" }}yes{{ end }}', 'yes'],
  ['{{ if not .a.empty }}yes{{ end }}', 'yes'],
  ['{{ .a.empty | default "b" | quote }}', '"b"'],
  ['{{ .a.zero }}', '0'],
  ['{{ toYaml .a.list | nindent 2 }}', '\n  - x\n  - z'],
  ['{{ toYaml .a.none }}', '{}'],
  ['{{ with .Get "Pod" | fromYaml }}{{ .kind }}{{ end }}', 'Pod'],
] as const)('%j becomes %j', ([source, expected]) => {
  expect(render(parseTemplate(source), DATA)).toBe(expected);
});

test.for([
  ['{{ range .a.list }}{{ end }}', 'there is no function range'],
  ['{{ include "a" . }}', 'there is no function include'],
  ['{{ $.a }}', 'cannot read {{ $.a }} from "$.a" on'],
  ['{{ (.a).b }}', 'cannot read {{ (.a).b }} from "(.a).b" on'],
  ['{{ if .a.empty }}{{ else if .a.b }}{{ end }}', 'there is no {{ else if .a.b }} here'],
  ['{{ end }}', 'there is no {{ end }} here'],
  ['{{ if .a }}', '{{ if .a }} has no {{ end }}'],
  ['{{ .a.b | }}', '{{ .a.b | }} lacks a value'],
  ['{{ .a.nothing }}', 'there is no .a.nothing'],
  ['{{ .a.b "x" }}', '{"field":["a","b"]} is no function'],
  ['{{ .a.list }}', 'a mapping or list is printed: [[{"field":["a","list"]}]]'],
] as const)('%j is refused', ([source, message]) => {
  expect(() => render(parseTemplate(source), DATA)).toThrow(new Error(message));
});

test('the fields of both branches and of conditions are told', () => {
  const template = parseTemplate('{{ if eq .a.b "x" }}{{ .c }}{{ else }}{{ with .d }}{{ toYaml . | nindent 2 }}{{ end }}{{ end }}');
  expect(fieldsOf(template).map((field) => field.join('.'))).toEqual(['a.b', 'c', 'd', '']);
});
