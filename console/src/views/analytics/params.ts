// What stands in the URL of the analytics page. `rt` and `win` are brushes of A, `rtB` and `winB` of B.
import { formatRange, parseRange } from '../../lib/range.ts';
import type { Window } from '../../lib/range.ts';
import { list, span, text, word } from '../../lib/search.ts';
import type { Param, Values } from '../../lib/search.ts';
import { RANKS, TABLE_SORTS } from '../../model/analytics.ts';
import type { SetChoice } from '../../model/analytics.ts';
import { SCOPE } from '../../state/url.ts';

/** A stretch on the clock. */
const window: Param<Window | null> = {
  read: (value) => {
    const range = parseRange(value);
    return range?.kind === 'between' ? { from: range.from, to: range.to } : undefined;
  },
  write: (value) => (value === null ? '' : formatRange({ kind: 'between', ...value })),
  fallback: null,
};

export const PARAMS = {
  ...SCOPE,
  A: text(),
  B: text(),
  rt: span(),
  rtB: span(),
  win: window,
  winB: window,
  /** The set that brushes and clicks go to. */
  set: word(['A', 'B'], 'A'),
  log: word(['log', 'linear'], 'log'),
  y: word(['share', 'count'], 'share'),
  cdf: word(['', 'on'], ''),
  heat: word(['all', 'a'], 'all'),
  tables: list(),
  sort: word(TABLE_SORTS, 'count'),
  rank: word(RANKS, 'share'),
  list: word(['A', 'B'], 'A'),
};

export type Shown = Values<typeof PARAMS>;
export type SetName = Shown['set'];
export type Change = (next: Partial<Shown>, step?: 'push' | 'replace') => void;

/** Returns a set as the URL has it. */
export function setOf(values: Shown, name: SetName): SetChoice {
  return name === 'A'
    ? { text: values.A, span: values.rt, window: values.win }
    : { text: values.B, span: values.rtB, window: values.winB };
}

/** Returns what changes in the URL with the set. */
export function changeOf(name: SetName, set: Partial<SetChoice>): Partial<Shown> {
  const { text: words, span: times, window: stretch } = set;
  const [t, s, w] = name === 'A' ? (['A', 'rt', 'win'] as const) : (['B', 'rtB', 'winB'] as const);
  return {
    ...(words !== undefined && { [t]: words }),
    ...(times !== undefined && { [s]: times }),
    ...(stretch !== undefined && { [w]: stretch }),
  };
}
