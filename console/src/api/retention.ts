// How long traces are kept.
import { queryOptions } from '@tanstack/react-query';
import { get } from './console.ts';

export function retentionQuery() {
  return queryOptions({
    queryKey: ['retention', 'days'],
    queryFn: ({ signal }) => get('retention', { signal }),
    staleTime: 600_000,
    retry: false,
  });
}
