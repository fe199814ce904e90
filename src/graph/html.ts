import { escapeMarkup } from './escape.ts';
import { type Drawing, type Graph, type GraphNode, LEVELS, type Level, type Mark, marksOf } from './graph.ts';
import { drawSvg, summarize } from './svg.ts';
import { isTraced } from './traces.ts';

const PAGE_STYLES = `body{margin:0;padding:24px;background:var(--canvas);color:var(--text);font:14px/1.5 system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif}
main{max-width:1440px;margin:0 auto}
h1{font-size:20px;margin:0 0 4px}
h2{font-size:16px;margin:28px 0 8px}
p{margin:0 0 12px;color:var(--muted)}
a{color:var(--info)}
:focus-visible{outline:2px solid var(--info);outline-offset:2px}
.scroll{overflow-x:auto;border:1px solid var(--border);border-radius:8px;background:var(--canvas)}
.scroll svg{display:block;max-width:100%;height:auto;min-width:1000px;margin:0 auto}
table{border-collapse:collapse;table-layout:fixed;width:100%;min-width:960px;background:var(--panel)}
th,td{text-align:left;vertical-align:top;padding:7px 12px;border-bottom:1px solid var(--border);overflow-wrap:anywhere}
tr:last-child td{border-bottom:0}
th{color:var(--muted);font-weight:600;white-space:nowrap}
td.level{font-weight:600;white-space:nowrap}
code{font:12px ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
small{color:var(--muted);font-size:12px}
.error{color:var(--error)}.warning{color:var(--warning)}.info{color:var(--info)}.repaired{color:var(--repaired)}.skipped{color:var(--skipped)}
@media print{.scroll{overflow:visible;border:0}}`;

const HINT = 'Point at a card, or go to it with the Tab key, to see what it is connected to.';

/** Names of columns and their widths in percent. */
type Columns = Readonly<Record<string, number>>;

const FINDING_COLUMNS: Columns = { Level: 8, Rule: 16, Object: 20, Finding: 40, Place: 16 };
const CONNECTION_COLUMNS: Columns = { 'Virtual machine': 17, NIC: 12, Network: 18, Wire: 24, 'OVS bridge': 11, 'Node label': 18 };

/** One page that needs nothing else: the picture, its findings and its connections as tables. No script, no request; XML too. */
export const drawHtml: Drawing = (graph) => `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="color-scheme" content="light dark"/>
<title>vhost-user networks</title>
<style>
${PAGE_STYLES}
</style>
</head>
<body>
<main>
<h1>vhost-user networks</h1>
<p>${summarize(graph)}. ${countLevels(graph)}.${isTraced(graph) ? `<br/>${HINT}` : ''}</p>
<div class="scroll" tabindex="0" role="region" aria-label="Picture">
${drawSvg(graph)}</div>
<h2>Findings</h2>
${tableOf(FINDING_COLUMNS, marksOf(graph).map(rowOf), 'No findings.')}
<h2>Connections</h2>
${tableOf(CONNECTION_COLUMNS, connectionRows(graph), 'No vhost-user NIC.')}
</main>
</body>
</html>
`;

function countLevels({ nodes }: Graph): string {
  const marks = nodes.flatMap((node) => node.marks);
  const counts = LEVELS.map((level) => ({ level, count: marks.filter((mark) => mark.level === level).length }));
  const texts = counts
    .filter(({ count }) => count > 0)
    .map(({ level, count }) => `${count} ${level}${hasPlural(level) && count > 1 ? 's' : ''}`);
  return texts.length === 0 ? 'No findings' : texts.join(', ');
}

function hasPlural(level: Level): boolean {
  return level === 'error' || level === 'warning';
}

function tableOf(columns: Columns, rows: readonly string[], empty: string): string {
  if (rows.length === 0) return `<p>${empty}</p>`;
  const widths = Object.values(columns).map((width) => `<col style="width:${width}%"/>`);
  const heads = Object.keys(columns).map((text) => `<th scope="col">${text}</th>`);
  const body = `<thead><tr>${heads.join('')}</tr></thead><tbody>\n${rows.join('\n')}\n</tbody>`;
  return `<div class="scroll" tabindex="0" role="region" aria-label="Table"><table><colgroup>${widths.join('')}</colgroup>${body}</table></div>`;
}

function rowOf({ mark, node }: { readonly mark: Mark; readonly node: GraphNode }): string {
  const { level, rule, name, object, message, field, file, line } = mark;
  const cells = [
    `<td class="level ${level}">${level}</td>`,
    `<td><a href="#${node.id}">${escapeMarkup(rule)}</a><br/><small>${escapeMarkup(name)}</small></td>`,
    `<td>${escapeMarkup(object)}</td>`,
    `<td>${escapeMarkup(message)}<br/><small><code>${escapeMarkup(field)}</code></small></td>`,
    `<td><code>${escapeMarkup(`${file}:${line}`)}</code></td>`,
  ];
  return `<tr>${cells.join('')}</tr>`;
}

/** The same as the picture says, in words. */
function connectionRows({ nodes, edges, chains }: Graph): string[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const wires = new Map(edges.map((edge) => [`${edge.from} ${edge.to}`, edge]));
  return chains
    .filter((chain) => chain.length > 2)
    .map(([owner = '', nic = '', network = '', bridge = '', placement = '']) => {
      const names = [owner, nic, network, bridge, placement].map((id) => `<td>${escapeMarkup(byId.get(id)?.name ?? '')}</td>`);
      const nicEnd = wires.get(`${nic} ${network}`);
      const bridgeEnd = wires.get(`${network} ${bridge}`);
      const wire = [nicEnd?.end?.text, bridgeEnd?.end?.text].filter((text) => text !== undefined).join(', ');
      const text = `${wire === '' ? '' : `${wire}: `}${nicEnd?.note ?? ''}`;
      return `<tr>${names.toSpliced(3, 0, `<td>${escapeMarkup(text)}</td>`).join('')}</tr>`;
    });
}
