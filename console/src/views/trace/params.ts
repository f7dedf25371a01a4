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

export const PARAMS = {
  view: word(['timeline', 'raw'], 'timeline'),
  seg: text(),
  tab: word(TABS, 'overview'),
  z: span(),
  find: text(),
  only: word(['', 'match', 'critical', 'bad'], ''),
  x: list(),
  u: list(),
};
