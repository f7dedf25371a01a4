// Addresses as the X-Ray console spells them, and what they are here.
import { formatRange, parseRange } from './range.ts';
import { parseSearch } from './search.ts';
import type { Search } from './search.ts';
import { findTraceId } from './traceid.ts';

/** An address within the console. */
export interface Place {
  path: string;
  search: Search;
}

const PAGES: Record<string, string> = {
  'service-map': '/map',
  map: '/map',
  traces: '/traces',
  analytics: '/analytics',
  insights: '/insights',
  groups: '/config/groups',
  sampling: '/config/sampling',
  encryption: '/config/encryption',
};

/** Returns the length of an ISO 8601 duration such as `PT1H30M` as this console writes it. */
function lengthOf(text: string): string | undefined {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/i.exec(text);
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = (match ?? [])
    .slice(1)
    .map((one) => Number(one ?? 0));
  const length = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1e3;
  return match && length > 0 ? formatRange({ kind: 'last', length }) : undefined;
}

/** Returns the parameters with ours in place of theirs; ours win where both are given. */
export function renamed(search: Search): Search {
  const { timeRange, filter, group, ...rest } = search;
  const range = timeRange === undefined ? undefined : (lengthOf(timeRange) ?? timeRange);
  const isRange = range !== undefined && parseRange(range) !== undefined;
  return {
    ...(isRange && { t: range }),
    ...(filter !== undefined && { q: filter }),
    ...(group !== undefined && { g: group }),
    ...rest,
  };
}

/** Returns where `#/traces/1-…`, `#xray:traces/1-…` or `#/service-map?…` leads; `undefined` for other hashes. */
export function placeOf(hash: string): Place | undefined {
  const [, page = '', rest = '', query = ''] =
    /^#(?:\/|xray:)([a-z-]+)(?:\/([^?]*))?(?:\?(.*))?$/i.exec(hash) ?? [];
  const path = PAGES[page.toLowerCase()];
  if (path === undefined) return undefined;
  const id = path === '/traces' ? findTraceId(rest) : undefined;
  return { path: id === undefined ? path : `${path}/${id}`, search: renamed(parseSearch(query)) };
}
