// What the pages of one trace ask for, beside the trace itself.
import { queryOptions } from '@tanstack/react-query';
import type { Window } from '../lib/range.ts';
import { retry } from './queries.ts';

/** A good trace to compare with. */
export interface Typical {
  id: string | null;
  /** How many it was chosen out of. */
  of: number;
  by: 'url' | 'entry';
}

/** Returns the ok trace nearest to the median of those like `id`. */
export function typicalQuery(id: string) {
  return queryOptions({
    queryKey: ['typical', id],
    queryFn: ({ signal }) =>
      ask<Typical>(`/console/api/traces/${encodeURIComponent(id)}/typical`, undefined, signal),
    enabled: id !== '',
    staleTime: 60_000,
    retry,
  });
}

/** How many traces fit. */
export interface Count {
  total: number;
  exact: boolean;
}

/** Returns how many traces of a window fit a filter expression. */
export function countQuery(window: Window, filter: string) {
  return queryOptions({
    queryKey: ['trace count', window, filter],
    queryFn: ({ signal }) =>
      ask<Count>(
        '/console/api/traces/count',
        { from: Math.round(window.from * 1e3), to: Math.round(window.to * 1e3), filter },
        signal,
      ),
    staleTime: 60_000,
    retry,
  });
}

/** Returns how many days traces are kept; `null` when there is no limit. */
export function retentionQuery() {
  return queryOptions({
    queryKey: ['retention'],
    queryFn: ({ signal }) =>
      ask<{ days: number | null }>('/console/api/retention', undefined, signal),
    staleTime: 600_000,
    retry: false,
  });
}

async function ask<T>(path: string, body: object | undefined, signal: AbortSignal): Promise<T> {
  const response = await fetch(path, {
    method: body ? 'POST' : 'GET',
    headers: { 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
    signal,
  });
  if (!response.ok) throw new Error(`${response.status} ${path}`);
  return (await response.json()) as T;
}
