import { Counter, Gauge, type Registry } from 'prom-client';

/** The metrics of scanning a cluster. Labels are bounded: kinds, rules, statuses and results. */
export interface ScanMetrics {
  /** How many objects of a kind exist, and how many of them have a vhost-user NIC. */
  subjects(kind: string, existing: number, inScope: number): void;
  /** Adds to the findings that stand, or takes from them. */
  findings(rule: string, status: string, change: number): void;
  /** A scan of every kind is over. @param endSeconds since 1970. */
  scanned(seconds: number, endSeconds: number): void;
  /** One subject was judged, in a scan or because something changed. */
  evaluated(kind: string): void;
  /** Whether reports can be written: their API is installed, and its reports may be read. */
  reportApi(isAvailable: boolean): void;
  write(result: 'created' | 'updated' | 'deleted' | 'failed'): void;
  event(result: 'written' | 'failed'): void;
}

/** @param registry gets the metrics; of one registry only once. */
export function createScanMetrics(registry: Registry): ScanMetrics {
  const registers = [registry];
  const subjects = new Gauge({
    name: 'vhostguard_scan_subjects',
    help: 'Objects of the kinds that are scanned, by whether they have a vhost-user NIC',
    labelNames: ['kind', 'in_scope'],
    registers,
  });
  const findings = new Gauge({
    name: 'vhostguard_scan_findings',
    help: 'What rules find in the objects of the cluster now',
    labelNames: ['rule', 'status'],
    registers,
  });
  const duration = new Gauge({ name: 'vhostguard_scan_duration_seconds', help: 'How long the last full scan took', registers });
  const lastSuccess = new Gauge({
    name: 'vhostguard_scan_last_success_timestamp_seconds',
    help: 'When the last full scan ended',
    registers,
  });
  const evaluations = new Counter({
    name: 'vhostguard_scan_evaluations_total',
    help: 'Objects judged, in full scans and because something changed',
    labelNames: ['kind'],
    registers,
  });
  const reportApi = new Gauge({
    name: 'vhostguard_report_api_available',
    help: 'Whether the API of the policy reports is installed and may be read: 1 or 0',
    registers,
  });
  const writes = new Counter({
    name: 'vhostguard_report_writes_total',
    help: 'Policy reports written',
    labelNames: ['result'],
    registers,
  });
  const events = new Counter({ name: 'vhostguard_events_total', help: 'Events of rules that fail', labelNames: ['result'], registers });
  return {
    subjects: (kind, existing, inScope) => {
      subjects.set({ kind, in_scope: 'true' }, inScope);
      subjects.set({ kind, in_scope: 'false' }, existing - inScope);
    },
    findings: (rule, status, change) => findings.inc({ rule, status }, change),
    scanned: (seconds, endSeconds) => {
      duration.set(seconds);
      lastSuccess.set(endSeconds);
    },
    evaluated: (kind) => evaluations.inc({ kind }),
    reportApi: (isAvailable) => reportApi.set(isAvailable ? 1 : 0),
    write: (result) => writes.inc({ result }),
    event: (result) => events.inc({ result }),
  };
}
