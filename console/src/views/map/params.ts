// What of the map stands in the URL.
import { list, span, text, word, words } from '../../lib/search.ts';
import type { Param } from '../../lib/search.ts';
import { versus } from '../../lib/versus.ts';
import { fold } from '../../model/collapse.ts';
import { DIRECTIONS } from '../../model/graph.ts';
import { OUTCOMES } from '../../model/status.ts';
import { SCOPE } from '../../state/url.ts';
import { MEASURES, SIZINGS } from './node.tsx';
import type { At } from './stage.ts';

export const TABS = ['dist', 'metrics', 'urls', 'insight'] as const;
export type Tab = (typeof TABS)[number];

/** Which calls are drawn. */
export const EDGES = ['main', 'all', 'bad'] as const;

const at: Param<At | null> = {
  read: (value) => {
    const [x, y, scale, ...more] = value.split(',').map(Number);
    if (x === undefined || y === undefined || scale === undefined || more.length > 0)
      return undefined;
    return [x, y, scale].every(Number.isFinite) && scale > 0.01 && scale < 4
      ? [x, y, scale]
      : undefined;
  },
  write: (value) => value?.join(',') ?? '',
  fallback: null,
};

export const PARAMS = {
  ...SCOPE,
  g: text(),
  sel: text(),
  panel: word(TABS, 'dist'),
  rt: span(),
  st: words(OUTCOMES),
  find: text(),
  hide: text(),
  view: word(['graph', 'table'] as const, 'graph'),
  num: word(MEASURES, 'avg'),
  size: word(SIZINGS, 'none'),
  edges: word(EDGES, 'main'),
  by: fold,
  exp: list(),
  focus: text(),
  dir: word(DIRECTIONS, 'both'),
  depth: word(['1', '2', '3', '4', '5', 'all'] as const, 'all'),
  vs: versus,
  at,
  sort: text(),
  kiosk: word(['', '1'] as const, ''),
};
