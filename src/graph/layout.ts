import { CARD_WIDTH, type Card, composeCard, PORT_DISTANCE } from './card.ts';
import { COLUMNS, type Column, type Graph, type GraphEdge, type GraphNode } from './graph.ts';

/** Where a node is, in CSS pixels from the top left of the picture. */
export interface Box {
  readonly node: GraphNode;
  readonly card: Card;
  readonly x: number;
  readonly y: number;
}

/** An edge from the right of one box to the left of another. */
export interface Line {
  readonly edge: GraphEdge;
  readonly from: Point;
  readonly to: Point;
  /** Between these it bends. */
  readonly bend: { readonly start: number; readonly stop: number };
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Layout {
  readonly boxes: readonly Box[];
  readonly lines: readonly Line[];
  readonly columns: readonly { readonly column: Column; readonly x: number; readonly width: number }[];
  readonly width: number;
  readonly bottom: number;
}

const MARGIN = 24;
/** Where the first boxes begin, below the names of the columns. */
const TOP = 60;
const ROW_GAP = 18;
/** To the right of each column: room for the modes where the wire is. */
const COLUMN_GAP: Readonly<Record<Column, number>> = { workload: 40, interface: 200, network: 176, bridge: 52, placement: 0 };
/** How far a line runs straight from where it starts and to where it ends: below the mode, if it has one there. */
const STRAIGHT: Readonly<Record<Column, { readonly start: number; readonly stop: number }>> = {
  workload: { start: 0, stop: 0 },
  interface: { start: 102, stop: 0 },
  network: { start: 0, stop: 102 },
  bridge: { start: 0, stop: 0 },
  placement: { start: 0, stop: 0 },
};

/** Fixed columns; in each, boxes as near as they can be to what they hang on, in an order that keeps most lines from crossing. */
export function layOut({ nodes, edges }: Graph): Layout {
  const incoming = groupBy(edges, ({ to }) => to);
  const cards = new Map(
    nodes.map((node) => [node.id, composeCard(node, incoming.get(node.id)?.filter(({ end }) => end?.at === 'to').length ?? 0)]),
  );
  const columns = placeColumns();
  const centers = new Map<string, number>();
  const boxes: Box[] = [];
  for (const { column, x } of columns) {
    const own = nodes.filter((node) => node.column === column);
    const wishes = own.map((node) => ({ node, card: cards.get(node.id) as Card, center: wishedCenter(node, incoming, centers) }));
    const ordered = column === 'workload' ? bandedCenters(wishes, edges, cards) : wishes.toSorted((a, b) => a.center - b.center);
    for (const [index, y] of spread(ordered).entries()) {
      const { node, card } = ordered[index] as Wish;
      centers.set(node.id, y + card.height / 2);
      boxes.push({ node, card, x, y });
    }
  }
  return finish(boxes, edges, columns);
}

interface Wish {
  readonly node: GraphNode;
  readonly card: Card;
  /** Infinite for what hangs on nothing: it goes to the bottom. */
  readonly center: number;
}

function placeColumns(): Layout['columns'] {
  let x = MARGIN;
  return COLUMNS.map((column) => {
    const place = { column, x, width: CARD_WIDTH[column] };
    x += CARD_WIDTH[column] + COLUMN_GAP[column];
    return place;
  });
}

function wishedCenter(
  { id }: GraphNode,
  incoming: ReadonlyMap<string, readonly GraphEdge[]>,
  centers: ReadonlyMap<string, number>,
): number {
  const neighbours = (incoming.get(id) ?? []).flatMap(({ from }) => centers.get(from) ?? []);
  return neighbours.length === 0 ? Number.POSITIVE_INFINITY : neighbours.reduce((sum, center) => sum + center, 0) / neighbours.length;
}

/** Each workload gets as much height as its NICs need, so that they lie beside it. */
function bandedCenters(wishes: readonly Wish[], edges: readonly GraphEdge[], cards: ReadonlyMap<string, Card>): Wish[] {
  let top = 0;
  return wishes.map((wish) => {
    const nics = edges.filter(({ from }) => from === wish.node.id).map(({ to }) => cards.get(to)?.height ?? 0);
    const stack = nics.reduce((sum, height) => sum + height + ROW_GAP, -ROW_GAP);
    const band = Math.max(wish.card.height, stack);
    const center = top + band / 2;
    top += band + ROW_GAP;
    return { ...wish, center };
  });
}

/**
 * The tops that are nearest to the wished centers, in this order and without overlap: the mean square of the distances is least
 * (pool adjacent violators). What has no wish follows the last that has one.
 */
function spread(wishes: readonly Wish[]): number[] {
  const blocks: { sum: number; count: number }[] = [];
  const offsets: number[] = [];
  let offset = 0;
  for (const { card, center } of wishes) {
    offsets.push(offset);
    const last = blocks.at(-1);
    const resting = last === undefined ? 0 : last.sum / last.count;
    let block = { sum: Number.isFinite(center) ? center - card.height / 2 - offset : resting, count: 1 };
    for (
      let previous = blocks.at(-1);
      previous !== undefined && previous.sum / previous.count > block.sum / block.count;
      previous = blocks.at(-1)
    ) {
      blocks.pop();
      block = { sum: block.sum + previous.sum, count: block.count + previous.count };
    }
    blocks.push(block);
    offset += card.height + ROW_GAP;
  }
  const bases = blocks.flatMap(({ sum, count }) => Array.from({ length: count }, () => sum / count));
  return offsets.map((own, index) => own + (bases[index] ?? 0));
}

function finish(boxes: readonly Box[], edges: readonly GraphEdge[], columns: Layout['columns']): Layout {
  const highest = boxes.reduce((least, { y }) => Math.min(least, y), boxes[0]?.y ?? 0);
  const moved = boxes.map((box) => ({ ...box, y: round(box.y - highest + TOP) }));
  const last = columns.at(-1);
  return {
    boxes: moved,
    lines: connect(moved, edges),
    columns,
    width: (last?.x ?? 0) + (last?.width ?? 0) + MARGIN,
    bottom: moved.reduce((most, { y, card }) => Math.max(most, y + card.height), TOP),
  };
}

/** Lines that end at one box do so one below the other, in the order of where they come from. */
function connect(boxes: readonly Box[], edges: readonly GraphEdge[]): Line[] {
  const byId = new Map(boxes.map((box) => [box.node.id, box]));
  const ends = edges.flatMap((edge) => {
    const from = byId.get(edge.from);
    const to = byId.get(edge.to);
    return from === undefined || to === undefined
      ? []
      : [{ edge, to, column: from.node.column, from: { x: from.x + from.card.width, y: middle(from) } }];
  });
  return [...groupBy(ends, ({ to }) => to).values()].flatMap((group) => {
    const sorted = group.toSorted((a, b) => a.from.y - b.from.y);
    return sorted.map(({ edge, from, to, column }, index) => {
      const distance = Math.min(PORT_DISTANCE, (to.card.height - 16) / sorted.length);
      const bend = { start: from.x + STRAIGHT[column].start, stop: to.x - STRAIGHT[column].stop };
      return { edge, from, bend, to: { x: to.x, y: round(middle(to) + (index - (sorted.length - 1) / 2) * distance) } };
    });
  });
}

function middle({ y, card }: Box): number {
  return round(y + card.height / 2);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function groupBy<K, T>(items: readonly T[], keyOf: (item: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
