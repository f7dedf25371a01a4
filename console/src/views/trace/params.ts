// What stands in the URL of a trace.
import { list, span, text, word } from '../../lib/search.ts';

export const TABS = [
  'overview',
  'resources',
  'annotations',
  'metadata',
  'exceptions',
  'sql',
] as const;

export const VIEWS = ['timeline', 'map', 'flame', 'raw'] as const;
export type View = (typeof VIEWS)[number];

export const PARAMS = {
  view: word(VIEWS, 'timeline'),
  seg: text(),
  tab: word(TABS, 'overview'),
  z: span(),
  find: text(),
  only: word(['', 'match', 'critical', 'bad'], ''),
  /** The service whose rows alone are shown. */
  svc: text(),
  x: list(),
  u: list(),
  /** Whether clocks that disagree are set right. */
  skew: word(['', 'fix'], ''),
  /** What the boxes of the flame view are in order of. */
  fl: word(['time', 'name'], 'time'),
  /** What the raw view shows: one document, or those that were received. */
  doc: word(['whole', 'received'], 'whole'),
};
