import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import AjvDraft04 from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import { validateXML } from 'xmllint-wasm';
import { parse, parseAllDocuments } from 'yaml';

const SCHEMAS = 'test/data/schemas';

const sarif = addFormats
  .default(new AjvDraft04.default({ strict: false, allErrors: true }))
  .compile(JSON.parse(readFileSync(`${SCHEMAS}/sarif-schema-2.1.0.json`, 'utf8')));

/** What SARIF's schema says against a text. */
export function sarifFaults(text: string): string[] {
  return faultsOf(sarif, JSON.parse(text));
}

/** What the JUnit schema of Jenkins says against the texts, or what keeps them from being XML. */
export async function junitFaults(...texts: readonly string[]): Promise<string[]> {
  const { errors } = await validateXML({
    xml: texts.map((contents, index) => ({ fileName: `${index}.xml`, contents })),
    schema: readFileSync(`${SCHEMAS}/junit-10.xsd`, 'utf8'),
  });
  return errors.map(({ rawMessage }) => rawMessage);
}

const validators = {
  openreports: crdValidator('test/data/crds/openreports.io_reports.yaml', 'v1alpha1'),
  wgpolicy: crdValidator('test/data/crds/wgpolicyk8s.io_policyreports.yaml', 'v1alpha2'),
};

/** What the schema in the CRD says against each document of a text; every field must be one that the API server keeps. */
export function reportFaults(api: keyof typeof validators, text: string): string[] {
  return documentsOf(text).flatMap((document) => faultsOf(validators[api], document));
}

/** The documents of a YAML text. @throws Error when it is none */
export function documentsOf(text: string): unknown[] {
  const documents = parseAllDocuments(text);
  const [error] = [documents].flat().flatMap((document) => document.errors);
  if (error !== undefined) throw error;
  return [documents].flat().flatMap((document) => (document.contents === null ? [] : [document.toJS() as unknown]));
}

interface Crd {
  readonly spec: { readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: object } }[] };
}

function crdValidator(file: string, version: string): ValidateFunction {
  const { spec } = parse(readFileSync(file, 'utf8')) as Crd;
  const schema = spec.versions.find(({ name }) => name === version)?.schema.openAPIV3Schema;
  if (schema === undefined) throw new Error(`${file} has no version ${version}`);
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  return ajv.compile(closed(schema) as object);
}

/** The API server drops the fields that a structural schema does not name; here they are faults. Metadata is checked by the server itself. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  const isOpen = !('properties' in schema) || 'additionalProperties' in schema;
  return isOpen ? copy : { ...copy, additionalProperties: false };
}

function faultsOf(validate: ValidateFunction, value: unknown): string[] {
  validate(value);
  return (validate.errors ?? []).map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`);
}
