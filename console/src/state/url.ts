// The URL as the only store of what a page shows.
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { DEFAULT_RANGE, formatRange, parseRange } from '../lib/range.ts';
import type { TimeRange } from '../lib/range.ts';
import { decode, encode, text, word } from '../lib/search.ts';
import type { Param, Params, Search, Values } from '../lib/search.ts';

const range: Param<TimeRange> = { read: parseRange, write: formatRange, fallback: DEFAULT_RANGE };

/** How often a page asks again while it is live. */
export const INTERVALS = ['5s', '10s', '30s', '60s'] as const;

/** What every page that shows traces has: time range, group, filter expression, live mode. */
export const SCOPE = { t: range, g: text(), q: text(), live: word(['', ...INTERVALS], '') };

/** How a change goes into the history: as a step to come back from, or in place. */
export type Step = 'push' | 'replace';

/** Returns the page's parameters and how to change them. `params` must be a constant. */
export function useUrl<P extends Params>(params: P) {
  const search = useSearch({ strict: false }) as Search;
  const navigate = useNavigate();
  const { values, invalid } = useMemo(() => decode(params, search), [params, search]);
  const change = useCallback(
    (next: Partial<Values<P>>, step: Step = 'replace') =>
      void navigate({
        to: '.',
        search: ((before: Search) => encode(params, before, next)) as never,
        replace: step === 'replace',
        resetScroll: false,
      }),
    [navigate, params],
  );
  return { values, invalid, change, search };
}

/** Returns what goes along to another page: time range, group, filter, live mode. */
export function scopeOf(search: Search): Search {
  return Object.fromEntries(Object.entries(search).filter(([name]) => name in SCOPE));
}
