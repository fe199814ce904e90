import { readFileSync } from 'node:fs';
import { reviewPath } from '../measure/places.ts';
import { Connection, prepareRequest } from './connection.ts';
import type { RunningServer } from './server.ts';

/** One recorded review sent to one webhook. */
export interface Case {
  readonly path: '/validate' | '/mutate';
  /** Kind and size of the review. */
  readonly review: string;
  readonly request: Buffer;
}

const RECORDED = { VMI: '02-VirtualMachineInstance-CREATE', Pod: '11-Pod-CREATE' };

/** Both reviews as recorded, against both webhooks. */
export const CASES: readonly Case[] = Object.entries(RECORDED).flatMap(([kind, name]) => {
  const body = readFileSync(reviewPath(name));
  const review = `${kind} ${(body.length / 1000).toFixed(0)} kB`;
  return (['/validate', '/mutate'] as const).map((path) => ({ path, review, request: prepareRequest(path, body) }));
});

interface AnsweredReview {
  readonly response: {
    readonly allowed: boolean;
    readonly patch?: string;
    readonly status?: { readonly details: { readonly causes: readonly unknown[] } };
    readonly warnings?: readonly unknown[];
  };
}

/** What the server answers to a case, in words: shows that it does the work that is being measured. */
export async function describeAnswer(server: RunningServer, { request }: Case): Promise<string> {
  const connection = await Connection.open(server);
  const { status, body } = await connection.send(request);
  connection.close();
  if (status !== 200) throw new Error(`the server answered ${status}: ${body}`);
  const { allowed, patch, status: denial, warnings = [] } = (JSON.parse(body) as AnsweredReview).response;
  const operations = patch === undefined ? [] : (JSON.parse(Buffer.from(patch, 'base64').toString('utf8')) as unknown[]);
  return [
    allowed ? 'allowed' : `denied, causes: ${denial?.details.causes.length}`,
    ...(operations.length > 0 ? [`patch operations: ${operations.length}`] : []),
    ...(warnings.length > 0 ? [`warnings: ${warnings.length}`] : []),
  ].join(', ');
}
