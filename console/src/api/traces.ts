// Traces that match: in the server's order, counted and grouped by the server.
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { formatRange, windowOf } from '../lib/range.ts';
import type { Window } from '../lib/range.ts';
import { lines, post } from './console.ts';
import type { SearchEnd, TraceRow } from '../model/traces.ts';
import { report } from './progress.ts';
import { retry, scopeIn, scopeNow } from './scope.ts';
import type { Chosen } from './scope.ts';

/** In which order rows come, over all that match. */
export interface Order {
  by: 'start' | 'duration' | 'responseTime';
  isDescending: boolean;
}

/** Rows that came with one answer. */
export interface RowPage {
  rows: TraceRow[];
  /** The same for all pages of one list, so that none is shown twice. */
  window: Window;
  /** How it ended; absent when it was stopped. */
  end: SearchEnd | undefined;
}

interface Next {
  window: Window;
  after: string;
}

export const PAGE_ROWS = 100;
const WAITING_MS = 2_000;
/** How long a list is good enough to come back to. */
const KEPT_MS = 60_000;

function keyOf({ range, filter, group }: Chosen): string[] {
  return [formatRange(range), filter, group];
}

/** Returns under which key the progress of a search is told. */
export function progressKey(chosen: Chosen, order: Order): string {
  return JSON.stringify([...keyOf(chosen), order.by, order.isDescending]);
}

async function readPage(chosen: Chosen, order: Order, next: Next | null, signal: AbortSignal) {
  const window = next?.window ?? windowOf(chosen.range, Date.now());
  const key = progressKey(chosen, order);
  const stopped = new AbortController();
  const page: RowPage = { rows: [], window, end: undefined };
  const since = Date.now();
  const stop = () => stopped.abort();
  const body = {
    ...scopeIn(window, chosen),
    by: order.by,
    descending: order.isDescending,
    limit: PAGE_ROWS,
    ...(next && { after: next.after }),
  };
  try {
    const both = AbortSignal.any([signal, stopped.signal]);
    for await (const line of lines('traces/search', body, { signal: both })) {
      if ('row' in line) page.rows.push(line.row);
      else if ('progress' in line) report(key, { since, ...line.progress, stop });
      else if ('end' in line) page.end = line.end;
    }
  } catch (error) {
    if (!stopped.signal.aborted) throw error;
  } finally {
    report(key, undefined);
  }
  return page;
}

/** Returns the rows of a list, page by page. */
export function searchQuery(chosen: Chosen, order: Order) {
  return infiniteQueryOptions({
    queryKey: ['traces', 'search', ...keyOf(chosen), order.by, order.isDescending],
    queryFn: ({ pageParam, signal }) => readPage(chosen, order, pageParam, signal),
    initialPageParam: null as Next | null,
    getNextPageParam: ({ window, end }: RowPage) =>
      end?.cursor ? { window, after: end.cursor } : undefined,
    placeholderData: keepPreviousData,
    staleTime: KEPT_MS,
    // Whoever waits for a first trace sees it come.
    refetchInterval: ({ state }) => again(chosen, state.data?.pages[0]?.end?.total),
    meta: { isLive: true },
    retry,
  });
}

function again({ range }: Chosen, total: number | undefined): number | false {
  return range.kind === 'last' && total === 0 ? WAITING_MS : false;
}

/** Yields all rows in order, up to `most`. */
export async function* allRows(
  chosen: Chosen,
  order: Order,
  most: number,
  signal: AbortSignal,
): AsyncGenerator<TraceRow> {
  let next: Next | null = null;
  let count = 0;
  do {
    const page: RowPage = await readPage(chosen, order, next, signal);
    for (const row of page.rows) {
      if (count >= most) return;
      count += 1;
      yield row;
    }
    next = page.end?.cursor ? { window: page.window, after: page.end.cursor } : null;
  } while (next);
}

/** Returns the groups that the values of `by` make, beside what they were one window before. */
export function aggregateQuery(chosen: Chosen, by: string, find: string) {
  return queryOptions({
    queryKey: ['traces', 'aggregate', ...keyOf(chosen), by, find],
    queryFn: ({ signal }) => {
      const scope = scopeNow(chosen, Date.now());
      const compare = { from: Math.max(0, 2 * scope.from - scope.to), to: scope.from };
      const search = find === '' ? {} : { search: find };
      const body = { ...scope, by, limit: 50, compare, ...search };
      return post('traces/aggregate', body, { signal });
    },
    placeholderData: keepPreviousData,
    staleTime: KEPT_MS,
    refetchInterval: ({ state }) => again(chosen, state.data?.total.traces),
    meta: { isLive: true },
    retry,
  });
}

/** Returns how many traces there are and when the newest one began; asked again with `isWaiting`. */
export function countQuery(chosen: Chosen, isWaiting = false) {
  return queryOptions({
    queryKey: ['traces', 'count', ...keyOf(chosen)],
    queryFn: ({ signal }) => post('traces/count', scopeNow(chosen, Date.now()), { signal }),
    refetchInterval: isWaiting ? WAITING_MS : false,
    meta: { isLive: true },
    retry,
  });
}
