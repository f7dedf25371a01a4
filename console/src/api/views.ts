// Addresses that were kept under a name, for everyone who uses this server.
import { queryOptions } from '@tanstack/react-query';
import { get, post, remove } from './console.ts';

/** A view that was kept; `path` is below `/console/`, with its search. */
export interface SavedView {
  id: string;
  name: string;
  path: string;
}

export function viewsQuery() {
  return queryOptions({
    queryKey: ['views'],
    queryFn: async ({ signal }) => {
      const answer = (await get('views' as never, { signal })) as { views: SavedView[] };
      return answer.views;
    },
    staleTime: 10_000,
    retry: false,
  });
}

export async function saveView(name: string, path: string): Promise<void> {
  await post('views' as never, { name, path } as never);
}

export async function removeView(id: string): Promise<void> {
  await remove('views/{id}' as never, { path: { id } } as never);
}
