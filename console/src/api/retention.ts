// How long traces are kept.
import { queryOptions } from '@tanstack/react-query';
import { get } from './console.ts';

/** How long traces live, in days; absent where nothing ends them. */
export interface Retention {
  days: number | null;
}

export function retentionQuery() {
  return queryOptions({
    queryKey: ['retention', 'days'],
    queryFn: async ({ signal }) => (await get('retention' as never, { signal })) as Retention,
    staleTime: 600_000,
    retry: false,
  });
}
