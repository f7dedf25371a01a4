// Which column a service stands in, and which row: the first two of the three steps of the layout.
//
// Services are numbers here. A call over several columns gets a bend in each column between, so
// that rows leave it room; bends are the numbers from the count of services on.

/** A call; `weight` says how much it is worth to keep it short. */
export interface Link {
  from: number;
  to: number;
  weight: number;
}

/** Columns of services and bends from top to bottom, and who is joined to whom from one column to the next. */
export interface Layered {
  columns: number[][];
  /** Neighbours in the column before, for each service and bend. */
  before: number[][];
  /** Neighbours in the column after. */
  after: number[][];
  /** How many of the numbers are services. */
  count: number;
}

const SWEEPS = 10;
/** From so many services and bends on half the sweeps do. */
const MANY = 2000;
/** How many rows a column has at most: so many, or so many times the root of the count. */
const ROWS_MIN = 8;
const ROWS_FACTOR = 1.2;
/** How many columns are not yet too many: so many, or so many times the root of the count. */
const COLUMNS_MIN = 7;
const COLUMNS_FACTOR = 1.7;

/** Returns columns in which calls run to the right and few of them cross. */
export function layered(count: number, links: readonly Link[]): Layered {
  const forward = withoutCircles(count, links);
  const column = columnsOf(count, forward);
  const depth = Math.max(0, ...column) + 1;
  // Where everybody calls everybody, all calls together make one long row: the strongest decide.
  const isLong = depth > Math.max(COLUMNS_MIN, Math.sqrt(count) * COLUMNS_FACTOR);
  const shorter = isLong ? columnsOf(count, strongest(forward)) : column;
  const joined = join(
    count,
    forward.filter(({ from, to }) => (shorter[from] ?? 0) < (shorter[to] ?? 0)),
    shorter,
  );
  order(joined);
  return joined;
}

/** Returns of the calls to each only the one that weighs most. */
function strongest(links: readonly Link[]): Link[] {
  const best = new Map<number, Link>();
  for (const link of links) {
    if (link.weight > (best.get(link.to)?.weight ?? -1)) best.set(link.to, link);
  }
  return [...best.values()];
}

/** Leaves out the calls that close a circle, the weakest where there is a choice. */
export function withoutCircles(count: number, links: readonly Link[]): Link[] {
  const outgoing: Link[][] = Array.from({ length: count }, () => []);
  const incoming = new Uint32Array(count);
  for (const link of [...links].sort((a, b) => b.weight - a.weight)) {
    if (link.from === link.to) continue;
    outgoing[link.from]?.push(link);
    incoming[link.to] = (incoming[link.to] ?? 0) + 1;
  }
  // From those that nobody calls, so that a circle is entered where requests enter it.
  const all = Array.from({ length: count }, (_, index) => index);
  const starts = [...all.filter((index) => incoming[index] === 0), ...all];
  const state = new Uint8Array(count);
  const [OPEN, DONE] = [1, 2];
  const kept: Link[] = [];
  for (const start of starts) {
    if (state[start] !== 0) continue;
    state[start] = OPEN;
    const stack = [{ at: start, next: 0 }];
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const link = outgoing[top.at]?.[top.next];
      top.next += 1;
      if (!link) {
        state[top.at] = DONE;
        stack.pop();
      } else if (state[link.to] !== OPEN) {
        kept.push(link);
        if (state[link.to] !== DONE) {
          state[link.to] = OPEN;
          stack.push({ at: link.to, next: 0 });
        }
      }
    }
  }
  return kept;
}

/** Puts each as far left as its callers allow, and those that few call near those they call. */
function columnsOf(count: number, links: readonly Link[]): Int32Array {
  const [ins, outs] = [
    adjacent(count, links, (link) => link.to),
    adjacent(count, links, (link) => link.from),
  ];
  const left = Int32Array.from(ins, (own) => own.length);
  const queue = [...left.keys()].filter((index) => left[index] === 0);
  const column = new Int32Array(count);
  const sizes: number[] = [];
  const most = Math.max(ROWS_MIN, Math.ceil(Math.sqrt(count) * ROWS_FACTOR));
  for (let head = 0; head < queue.length; head += 1) {
    const at = queue[head] ?? 0;
    // A full column passes what it cannot take on to the next.
    while ((sizes[column[at] ?? 0] ?? 0) >= most) column[at] = (column[at] ?? 0) + 1;
    sizes[column[at] ?? 0] = (sizes[column[at] ?? 0] ?? 0) + 1;
    for (const { to } of outs[at] ?? []) {
      column[to] = Math.max(column[to] ?? 0, (column[at] ?? 0) + 1);
      left[to] = (left[to] ?? 0) - 1;
      if (left[to] === 0) queue.push(to);
    }
  }
  for (const at of queue.reverse()) {
    const [callers, callees] = [ins[at] ?? [], outs[at] ?? []];
    if (callees.length === 0 || sum(callers) >= sum(callees)) continue;
    const next = Math.min(...callees.map(({ to }) => column[to] ?? 0)) - 1;
    if (next === column[at] || (sizes[next] ?? 0) >= most) continue;
    sizes[column[at] ?? 0] = (sizes[column[at] ?? 0] ?? 1) - 1;
    sizes[next] = (sizes[next] ?? 0) + 1;
    column[at] = next;
  }
  return withoutGaps(column);
}

/** Numbers the columns that are used from 0 on. */
function withoutGaps(column: Int32Array): Int32Array {
  const used = [...new Set(column)].sort((a, b) => a - b);
  const rank = new Map(used.map((one, index) => [one, index]));
  return column.map((one) => rank.get(one) ?? 0);
}

const sum = (links: readonly Link[]) =>
  links.reduce((all, link) => all + Math.log1p(link.weight), 0);

function adjacent(count: number, links: readonly Link[], end: (link: Link) => number): Link[][] {
  const found: Link[][] = Array.from({ length: count }, () => []);
  for (const link of links) found[end(link)]?.push(link);
  return found;
}

/** Builds the columns, with bends in those that a call passes. */
function join(count: number, links: readonly Link[], column: Int32Array): Layered {
  const depth = Math.max(0, ...column) + 1;
  const columns: number[][] = Array.from({ length: depth }, () => []);
  const before: number[][] = Array.from({ length: count }, () => []);
  const after: number[][] = Array.from({ length: count }, () => []);
  const connect = (a: number, b: number) => {
    after[a]?.push(b);
    before[b]?.push(a);
  };
  for (let at = 0; at < count; at += 1) columns[column[at] ?? 0]?.push(at);
  for (const { from, to } of links) {
    let last = from;
    for (let at = (column[from] ?? 0) + 1; at < (column[to] ?? 0); at += 1) {
      const bend = before.length;
      before.push([]);
      after.push([]);
      columns[at]?.push(bend);
      connect(last, bend);
      last = bend;
    }
    connect(last, to);
  }
  return { columns, before, after, count };
}

/** Sorts each column by the mean row of its neighbours, back and forth, and keeps the best order seen. */
function order(graph: Layered): void {
  const { columns, before, after } = graph;
  const row = new Float64Array(before.length);
  const note = (column: readonly number[]) => {
    for (const [index, at] of column.entries()) row[at] = index;
  };
  descend(graph);
  columns.forEach(note);
  let best = columns.map((column) => [...column]);
  let least = crossings(graph, row);
  const sweeps = before.length > MANY ? SWEEPS / 2 : SWEEPS;
  for (let sweep = 0; sweep < sweeps && least > 0; sweep += 1) {
    const isForward = sweep % 2 === 0;
    const near = isForward ? before : after;
    for (const column of isForward ? columns : [...columns].reverse()) {
      const wish = new Map(column.map((at) => [at, mean(near[at] ?? [], row) ?? row[at] ?? 0]));
      column.sort((a, b) => (wish.get(a) ?? 0) - (wish.get(b) ?? 0));
      note(column);
    }
    const count = crossings(graph, row);
    if (count < least) [least, best] = [count, columns.map((column) => [...column])];
  }
  best.forEach((column, index) => columns[index]?.splice(0, Infinity, ...column));
}

/** A first order: each walk from the left goes down before the next begins. */
function descend({ columns, after, before }: Layered): void {
  const turn = new Float64Array(before.length).fill(-1);
  let next = 0;
  for (const start of columns.flat()) {
    const stack = [start];
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      if ((turn[at] ?? 0) >= 0) continue;
      turn[at] = next;
      next += 1;
      stack.push(...[...(after[at] ?? [])].reverse());
    }
  }
  for (const column of columns) column.sort((a, b) => (turn[a] ?? 0) - (turn[b] ?? 0));
}

export function mean(ids: readonly number[], values: Float64Array): number | undefined {
  if (ids.length === 0) return undefined;
  let total = 0;
  for (const id of ids) total += values[id] ?? 0;
  return total / ids.length;
}

/** Counts how often lines between neighbouring columns cross, with a tree of partial sums. */
export function crossings({ columns, after }: Layered, row: Float64Array): number {
  let found = 0;
  for (const [index, column] of columns.entries()) {
    const size = columns[index + 1]?.length ?? 0;
    const tree = new Uint32Array(size + 1);
    let seen = 0;
    for (const at of column) {
      const ends = (after[at] ?? []).map((to) => row[to] ?? 0).sort((a, b) => a - b);
      for (const end of ends) {
        let above = 0;
        for (let i = end + 1; i > 0; i -= i & -i) above += tree[i] ?? 0;
        found += seen - above;
      }
      for (const end of ends) {
        for (let i = end + 1; i <= size; i += i & -i) tree[i] = (tree[i] ?? 0) + 1;
        seen += 1;
      }
    }
  }
  return found;
}
