// Addresses that were kept under a name, for everyone who uses this server.
import { queryOptions } from '@tanstack/react-query';
import { get, post, remove } from './console.ts';

export function viewsQuery() {
  return queryOptions({
    queryKey: ['views'],
    queryFn: async ({ signal }) => {
      const answer = await get('views', { signal });
      return answer.views;
    },
    staleTime: 10_000,
    retry: false,
  });
}

export async function saveView(name: string, path: string): Promise<void> {
  await post('views', { name, path });
}

export async function removeView(id: string): Promise<void> {
  await remove('views/{id}', { path: { id } });
}
