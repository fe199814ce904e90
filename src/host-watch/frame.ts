import type { Palette } from '../report/palette.ts';
import { type Column, clip, formatColumns, plain } from './columns.ts';
import type { WatchedFinding } from './facts.ts';
import { formatLoad, formatPools } from './resources.ts';
import type { HostView, PortView } from './view.ts';

/** Where a view is shown. */
export interface FrameSize {
  /** Characters in a line. */
  readonly columns: number;
  /** Lines. */
  readonly rows: number;
}

/** For what goes to a file or a pipe: nothing is cut. */
const UNLIMITED: FrameSize = { columns: Number.POSITIVE_INFINITY, rows: Number.POSITIVE_INFINITY };

/** Shares of a terminal's lines that threads, pools and the host's own findings take at most, each. */
const SHARE = 6;

/** The lines of a view: none longer, and no more of them, than there is room for. */
export function formatFrame(view: HostView, palette: Palette, size: FrameSize = UNLIMITED): string[] {
  const most = Math.floor(size.rows / SHARE);
  const head = [
    palette.bold(clip(describeHost(view), size.columns)),
    ...outageLines(view, palette, size),
    ...atMost(most, formatLoad(view.pmdThreads, size.columns), size),
    ...atMost(most, formatPools(view.mempools, size.columns), size),
    ...atMost(
      most,
      view.findings.map((finding) => formatFinding(finding, palette, size)),
      size,
    ),
  ];
  const room = size.rows - head.length - 1;
  return [...head, ...(room < 3 ? [] : ['', ...portLines(view.ports, palette, { ...size, rows: room })])].slice(0, size.rows);
}

function describeHost({ host, ovsVersion, dpdkVersion, ports, time }: HostView): string {
  const versions = [ovsVersion === undefined ? undefined : `Open vSwitch ${ovsVersion}`, dpdkVersion].filter((text) => text !== undefined);
  const bad = ports.filter(({ findings }) => findings.length > 0).length;
  const counted = `${ports.length} ${ports.length === 1 ? 'port' : 'ports'}${bad === 0 ? '' : `, ${bad} with problems`}`;
  return plain([host, clockOf(time), counted, ...versions].join('   '));
}

function clockOf(time: Date): string {
  return `${time.toISOString().slice(11, 19)}Z`;
}

function outageLines({ outage, time }: HostView, palette: Palette, { columns }: FrameSize): string[] {
  if (outage === undefined) return [];
  const seconds = Math.round((time.getTime() - outage.since.getTime()) / 1000);
  const text = `${outage.server} unreachable since ${clockOf(outage.since)} (${seconds} s): ${outage.reason}`;
  return [palette.red(clip(plain(text), columns))];
}

function atMost(count: number, lines: readonly string[], { columns }: FrameSize): string[] {
  if (lines.length <= count) return [...lines];
  return count < 2 ? [] : [...lines.slice(0, count - 1), clip(`  ${lines.length - count + 1} more`, columns)];
}

const COLUMNS: readonly Column<PortView>[] = [
  { title: 'PORT', align: 'left', text: ({ name }) => name, keeps: 'start', leastWidth: 17, rank: 0 },
  { title: 'VM', align: 'left', text: ({ machine }) => machine ?? '-', keeps: 'end', leastWidth: 9, rank: 5 },
  { title: 'SOCKET', align: 'left', text: ({ peer }) => peer ?? '-', keeps: 'end', leastWidth: 14, rank: 9 },
  { title: 'STATE', align: 'left', text: ({ state }) => state, keeps: 'start', leastWidth: 12, rank: 1 },
  { title: 'RX/S', align: 'right', text: ({ rates }) => formatRate(rates?.rxPackets), keeps: 'start', leastWidth: 5, rank: 2 },
  { title: 'TX/S', align: 'right', text: ({ rates }) => formatRate(rates?.txPackets), keeps: 'start', leastWidth: 5, rank: 3 },
  { title: 'DROPS/S', align: 'right', text: formatDrops, keeps: 'start', leastWidth: 7, rank: 4 },
  { title: 'MTU', align: 'right', text: ({ mtu }) => String(mtu ?? '-'), keeps: 'start', leastWidth: 4, rank: 6 },
  { title: 'PMD', align: 'left', text: ({ pmdCpus }) => pmdCpus.join(',') || '-', keeps: 'start', leastWidth: 3, rank: 7 },
];

function formatDrops({ rates }: PortView): string {
  return formatRate(rates === undefined ? undefined : rates.rxDropped + rates.txDropped);
}

const UNITS = ['', 'k', 'M', 'G'];

/** At most five characters, with three digits that count. */
export function formatRate(rate: number | undefined): string {
  if (rate === undefined) return '-';
  const exponent = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, rate)) / 3));
  const value = rate / 1000 ** exponent;
  const isWhole = value >= 100 || rate === 0;
  return `${isWhole ? Math.floor(value) : Math.floor(value * 10) / 10}${UNITS[exponent]}`;
}

/** The header, each port with its findings below it, and how many more there are. */
function portLines(ports: readonly PortView[], palette: Palette, size: FrameSize): string[] {
  const shown = fitting(ports, size.rows);
  const [header = '', ...lines] = formatColumns(COLUMNS, shown, size.columns);
  const blocks = shown.flatMap(({ state, findings }, index) => [
    colour(state, palette)(lines[index] ?? ''),
    ...findings.map((finding) => formatFinding(finding, palette, size)),
  ]);
  const rest = ports.length - shown.length;
  const room = size.rows - 1 - (rest > 0 ? 1 : 0);
  return [palette.dim(header), ...blocks.slice(0, room), ...(rest > 0 ? [palette.dim(clip(`${rest} more`, size.columns))] : [])];
}

/** As many ports as there are lines for, at least one, below a header and above the number of the others. */
function fitting(ports: readonly PortView[], rows: number): readonly PortView[] {
  let left = rows - 1;
  const count = ports.findIndex(({ findings }, index) => {
    left -= 1 + findings.length;
    return left < (index === ports.length - 1 ? 0 : 1);
  });
  return count === -1 ? ports : ports.slice(0, Math.max(1, count));
}

function colour(state: PortView['state'], palette: Palette): (text: string) => string {
  return state === 'connected' || state === 'up' ? (text) => text : palette.dim;
}

function formatFinding({ rule, severity, message }: WatchedFinding, palette: Palette, { columns }: FrameSize): string {
  const text = clip(plain(`  ${severity} ${rule}: ${message}`), columns);
  if (severity === 'error') return palette.red(text);
  return severity === 'warning' ? palette.yellow(text) : palette.blue(text);
}
