// What the pages of one trace ask for, beside the trace itself.
import { queryOptions } from '@tanstack/react-query';
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
