import { AppError, describeError } from '../core/errors.ts';
import { readFiles } from './files.ts';
import { type CertificatePair, type PairText, readPair } from './pair.ts';

export interface WatchOptions {
  readonly directory: string;
  /** The pair in use when watching starts. */
  readonly current: CertificatePair;
  /** Told of each new pair that is complete. */
  readonly onChange: (pair: CertificatePair) => void;
  /** Told once of each state of the files that is no pair; the pair in use stays. */
  readonly onInvalid: (problem: AppError) => void;
  /** Time between two looks, in milliseconds. */
  readonly intervalMs?: number;
}

/** A running watch. */
export interface CertificateWatch {
  stop(): void;
}

/**
 * Watches a certificates directory by reading it every second. Reading catches what file system events miss: the `..data` link of a
 * Secret mount, network file systems, writing in place.
 *
 * A state is judged when two looks in a row saw it: one look may fall between the writing of the two files.
 */
export function watchPair({ directory, current, onChange, onInvalid, intervalMs = 1000 }: WatchOptions): CertificateWatch {
  let judged = fingerprint(current);
  let previous = judged;
  let isLooking = false;
  const look = async (): Promise<void> => {
    const seen = await observe(directory);
    const isSettled = seen.fingerprint === previous;
    previous = seen.fingerprint;
    if (!isSettled || seen.fingerprint === judged) return;
    judged = seen.fingerprint;
    if (seen.state === 'pair') onChange(seen.pair);
    else onInvalid(seen.problem);
  };
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    void look().finally(() => {
      isLooking = false;
    });
  }, intervalMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

type Sight = { readonly fingerprint: string } & (
  | { readonly state: 'pair'; readonly pair: CertificatePair }
  | { readonly state: 'invalid'; readonly problem: AppError }
);

async function observe(directory: string): Promise<Sight> {
  let text: PairText | undefined;
  try {
    text = await readFiles(directory);
    if (text === undefined) throw new AppError('CERTIFICATE_UNREADABLE', `${directory} has no tls.crt`, { hint: 'put it back' });
    return { state: 'pair', fingerprint: fingerprint(text), pair: readPair(text) };
  } catch (thrown) {
    const problem = thrown instanceof AppError ? thrown : new AppError('CERTIFICATE_UNREADABLE', describeError(thrown), { cause: thrown });
    return { state: 'invalid', fingerprint: text === undefined ? problem.message : fingerprint(text), problem };
  }
}

/** The texts themselves: a few kilobytes, compared in nanoseconds. */
function fingerprint({ cert, key, ca }: PairText): string {
  return [cert, key, ca ?? ''].join('\n');
}
