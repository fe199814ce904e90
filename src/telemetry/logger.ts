import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino';
import type { Decision } from '../core/decision.ts';
import type { LogLevel } from './log-level.ts';

/** The log of a server: JSON lines, never a part of a user's object. */
export interface Logger {
  info(message: string): void;
  warn(message: string): void;
  error(message: string, cause?: unknown): void;
  /** One line per decision: at `error` when a rule crashed, at `info` when it denies, warns or repairs, else at `debug`. */
  decision(decision: Decision, seconds: number): void;
  /** Somebody sent what is no AdmissionReview. */
  refused(webhook: Decision['webhook'], message: string): void;
}

/** @param destination gets one line at a time, with its newline. */
export function createLogger(level: LogLevel, destination: DestinationStream): Logger {
  const log: PinoLogger = pino(
    { level, base: null, timestamp: createTimestamp(), formatters: { level: (label) => ({ level: label }) } },
    destination,
  );
  return {
    info: (message) => log.info(message),
    warn: (message) => log.warn(message),
    error: (message, cause) => (cause === undefined ? log.error(message) : log.error({ err: cause }, message)),
    decision: (decision, seconds) => {
      if (isQuiet(decision)) {
        if (log.isLevelEnabled('debug')) log.debug(fieldsOf(decision, seconds), 'allowed');
      } else log[decision.crashed.length > 0 ? 'error' : 'info'](fieldsOf(decision, seconds), decision.allowed ? 'allowed' : 'denied');
    },
    refused: (webhook, message) => log.warn({ webhook }, `refused: ${message}`),
  };
}

/** ISO 8601 to the millisecond, written once for all lines of the same one. */
function createTimestamp(): () => string {
  let lastMs = Number.NaN;
  let text = '';
  return () => {
    const now = Date.now();
    if (now !== lastMs) text = `,"time":"${new Date(now).toISOString()}"`;
    lastMs = now;
    return text;
  };
}

function isQuiet({ allowed, warned, repaired, crashed }: Decision): boolean {
  return allowed && warned.length === 0 && repaired.length === 0 && crashed.length === 0;
}

/** Written out: a rest pattern here costs as much as the line itself. */
function fieldsOf(decision: Decision, seconds: number): object {
  const { webhook, uid, kind, namespace, name, operation, dryRun, allowed, denied, warned, repaired, crashed } = decision;
  const durationMs = Math.round(seconds * 1e6) / 1000;
  const fields: Record<string, unknown> = { webhook, uid, kind, namespace, name, operation, dryRun, allowed, durationMs };
  if (denied.length > 0) fields['denied'] = denied.join(' ');
  if (warned.length > 0) fields['warned'] = warned.join(' ');
  if (repaired.length > 0) fields['repaired'] = repaired.join(' ');
  if (crashed.length > 0) fields['crashed'] = crashed.join(' ');
  return fields;
}
