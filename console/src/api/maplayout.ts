// Where the cards of a map stand, kept on the server for everybody.
import { queryOptions } from '@tanstack/react-query';
import { ApiError } from './client.ts';

/** A card that somebody put somewhere is pinned. */
export interface SavedPlace {
  x: number;
  y: number;
  pinned: boolean;
}

export interface SavedLayout {
  nodes: Record<string, SavedPlace>;
  /** What a change must be based on; empty when there is none yet. */
  etag: string;
}

export const NODES_SAVED_MAX = 5000;

/** Returns the name under which the layout of a view is kept. */
export function layoutKey(group: string, by: string): string {
  const fold = /^[a-z]*$/.test(by) ? by : plain(by, 45);
  return `${group === '' ? 'all' : `g-${plain(group, 60)}`}.${fold}`;
}

/** Returns a name with the characters of keys alone, and what tells it from others like it. */
function plain(name: string, max: number): string {
  const known = name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return `${known.slice(0, max)}-${hash(name)}`;
}

function hash(text: string): string {
  let sum = 2166136261;
  for (const char of text) sum = Math.imul(sum ^ (char.codePointAt(0) ?? 0), 16777619);
  return (sum >>> 0).toString(16).padStart(8, '0');
}

const pathOf = (key: string) => `/console/api/map/layout/${encodeURIComponent(key)}`;

/** Returns the layout as it was last saved; without one, an empty one. */
export function layoutQuery(key: string, isWanted: boolean) {
  return queryOptions({
    queryKey: ['map layout', key],
    queryFn: ({ signal }) => readLayout(key, signal),
    enabled: isWanted,
    // What this page saved it knows; what others save it hears of when it saves.
    staleTime: Infinity,
    retry: 1,
  });
}

export async function readLayout(key: string, signal?: AbortSignal): Promise<SavedLayout> {
  const response = await fetch(pathOf(key), { signal: signal ?? null });
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  if (!response.ok || !isJson) return { nodes: {}, etag: '' };
  const body = (await response.json()) as { nodes?: Record<string, SavedPlace> };
  return { nodes: body.nodes ?? {}, etag: response.headers.get('etag') ?? '' };
}

/** Saves a layout; returns the tag of what is saved now. Throws `ApiError` with 412 when others saved in between. */
export async function saveLayout(key: string, { nodes, etag }: SavedLayout): Promise<string> {
  const response = await fetch(pathOf(key), {
    method: 'PUT',
    headers: {
      'content-type': 'application/json',
      'x-console': '1',
      ...(etag === '' ? { 'if-none-match': '*' } : { 'if-match': etag }),
    },
    body: JSON.stringify({ nodes }),
  });
  if (!response.ok) {
    const text = await response.text();
    throw new ApiError(`HTTP ${response.status}`, text.slice(0, 200), response.status, '');
  }
  return response.headers.get('etag') ?? '';
}
