// What the list of traces has in its address.
import { list, span, text, word, words } from '../../lib/search.ts';
import type { Param } from '../../lib/search.ts';
import { and } from '../../model/filter.ts';
import { OUTCOMES } from '../../model/status.ts';
import { DEFAULT_COLUMNS, SORTS, grouping, isColumn, ofOutcomes } from '../../model/traces.ts';
import { SCOPE } from '../../state/url.ts';
import type { Values } from '../../lib/search.ts';

const columns: Param<readonly string[]> = {
  ...list(),
  read: (given) => {
    const names = list().read(given) ?? [];
    return names.length > 0 && names.every(isColumn) ? names : undefined;
  },
  fallback: DEFAULT_COLUMNS,
};

export const PARAMS = {
  ...SCOPE,
  by: grouping,
  /** The term of the group that is picked. */
  pick: text(),
  /** What the values of the groups have in them. */
  find: text(),
  sort: word(SORTS, 'newest'),
  st: words(OUTCOMES),
  /** Response times in seconds. */
  rt: span(),
  cols: columns,
};

export type ListValues = Values<typeof PARAMS>;
export type ChangeList = (next: Partial<ListValues>, step?: 'push' | 'replace') => void;

/** Returns the filter of the page with what was picked beside it. */
export function filterOf({ q, st, rt }: ListValues, pick = ''): string {
  const times = rt === null ? '' : `responsetime >= ${rt[0]} AND responsetime <= ${rt[1]}`;
  return and(q, ofOutcomes(st), times, pick);
}
