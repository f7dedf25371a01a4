// What comes in, asked again and again.
import { queryOptions } from '@tanstack/react-query';
import type { IngestStatus } from '../model/ingest.ts';
import { get } from './console.ts';
import { retry } from './queries.ts';

const AGAIN_MS = 3_000;

export function ingestQuery() {
  return queryOptions({
    queryKey: ['ingest'],
    queryFn: ({ signal }): Promise<IngestStatus> => get('ingest', { signal }),
    refetchInterval: AGAIN_MS,
    retry,
  });
}
