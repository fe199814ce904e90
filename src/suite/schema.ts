/** The `apiVersion` and `kind` that make a document a suite, whatever its file is called. */
export const SUITE = { apiVersion: 'vhostguard.dev/v1alpha1', kind: 'Suite' } as const;

/** True for a file that is called a suite. */
export function isSuiteName(file: string): boolean {
  return /\.suite\.(?:ya?ml|json)$/i.test(file);
}

const TEXT = { type: 'string', minLength: 1 } as const;
const TEXTS = { type: 'array', items: TEXT } as const;
const FILE_OR_OBJECT = { type: ['string', 'object'], minLength: 1 } as const;

/** JSON Schema of a suite. Which rules exist is not its business. Its formats are those of the configuration. */
export const SUITE_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: ['apiVersion', 'kind', 'tests'],
  properties: {
    apiVersion: { enum: [SUITE.apiVersion] },
    kind: { enum: [SUITE.kind] },
    tests: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name', 'object', 'expect'],
        properties: {
          name: { type: 'string', format: 'text' },
          object: FILE_OR_OBJECT,
          context: TEXTS,
          config: TEXT,
          asOf: { type: 'string', format: 'day' },
          expect: {
            type: 'object',
            additionalProperties: false,
            properties: {
              allowed: { type: 'boolean' },
              rules: TEXTS,
              contains: { type: 'boolean' },
              messages: TEXTS,
              repaired: FILE_OR_OBJECT,
              skips: TEXTS,
            },
          },
        },
      },
    },
  },
} as const;
