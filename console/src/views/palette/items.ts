// Where one can go and what can be done, by what was typed.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useDeferredValue } from 'react';
import { namesQuery } from '../../api/fields.ts';
import { groupsQuery } from '../../api/groups.ts';
import { refresh } from '../../api/refresh.ts';
import { viewsQuery } from '../../api/views.ts';
import { formatRange, CHIPS, parseRange } from '../../lib/range.ts';
import { parseSearch } from '../../lib/search.ts';
import type { Search } from '../../lib/search.ts';
import { findTraceId } from '../../lib/traceid.ts';
import { readRange } from '../../lib/typed.ts';
import { ofService } from '../../model/filter.ts';
import { DEFAULT_GROUP } from '../../model/group.ts';
import { ranked } from '../../model/rank.ts';
import { useClock } from '../../state/clock.ts';
import { useWords } from '../../state/language.tsx';
import { LANGUAGES, THEMES, prefer } from '../../state/preferences.ts';
import { recentFilters } from '../../state/recent.ts';
import { SCOPE, scopeOf, useUrl } from '../../state/url.ts';
import { commands, shareUrl } from '../link.ts';
import { openOverlay } from '../overlay.ts';
import type { Entry } from '../shell.tsx';
import { copy } from '../toasts.tsx';
import { useRangeWords } from '../range.tsx';

/** How many of one kind are shown. */
const KIND_MAX = 6;

export type Kind = 'trace' | 'page' | 'service' | 'group' | 'view' | 'time' | 'filter' | 'action';

/** One line of the palette. */
export interface Item {
  key: string;
  kind: Kind;
  label: string;
  detail?: string | undefined;
  keys?: string | undefined;
  run: () => void;
}

const NAMES = { en: 'English', ko: '한국어', ja: '日本語' };

/** Returns how a page is gone to, with what scopes it. */
function useGo() {
  const navigate = useNavigate();
  return (to: string, search: Search) =>
    void navigate({ to: to as never, search: search as never });
}

/** Returns what answers to the text, kind by kind. */
export function useItems(pages: readonly Entry[], typed: string): Item[] {
  const find = useDeferredValue(typed.trim());
  const byKind = [
    useTrace(find),
    ranked(usePages(pages), (item) => item.label, find),
    useServices(find),
    useGroups(find),
    useViews(find),
    useTimes(find),
    useFilters(find),
    ranked(useActions(), (item) => item.label, find),
  ];
  return byKind.flatMap((items) => items.slice(0, find === '' ? 12 : KIND_MAX));
}

function useTrace(find: string): Item[] {
  const go = useGo();
  const words = useWords();
  const id = findTraceId(find);
  if (id === undefined) return [];
  const label = words('palette.openTrace');
  return [{ key: id, kind: 'trace', label, detail: id, run: () => go(`/traces/${id}`, {}) }];
}

function usePages(pages: readonly Entry[]): Item[] {
  const words = useWords();
  const go = useGo();
  const { search } = useUrl(SCOPE);
  return pages.map(({ to, label, keys }) => ({
    key: to,
    kind: 'page',
    label: words(label),
    keys: keys?.replace(/Key/g, '').toLowerCase(),
    run: () => go(to, scopeOf(search)),
  }));
}

function useServices(find: string): Item[] {
  const go = useGo();
  const { values, search } = useUrl(SCOPE);
  const { data = [] } = useQuery({
    ...namesQuery('service', find, values.t),
    enabled: find !== '',
  });
  return data.slice(0, KIND_MAX).map(({ value }) => ({
    key: `service ${value}`,
    kind: 'service',
    label: value,
    run: () => go('/traces', { ...scopeOf(search), q: ofService({ name: value, type: '' }) }),
  }));
}

function useGroups(find: string): Item[] {
  const { change } = useUrl(SCOPE);
  const { data = [] } = useQuery({ ...groupsQuery(), enabled: find !== '' });
  if (find === '') return [];
  const own = data.filter(({ name }) => name !== DEFAULT_GROUP);
  return ranked(own, (group) => group.name, find).map(({ name, filter }) => ({
    key: `group ${name}`,
    kind: 'group',
    label: name,
    detail: filter,
    run: () => change({ g: name }, 'push'),
  }));
}

function useViews(find: string): Item[] {
  const go = useGo();
  const { data = [] } = useQuery(viewsQuery());
  return ranked(data, (view) => view.name, find).map(({ id, name, path }) => {
    const [page = '', search = ''] = path.split('?');
    return {
      key: `view ${id}`,
      kind: 'view',
      label: name,
      detail: search,
      run: () => go(`/${page}`, parseSearch(search)),
    };
  });
}

function useTimes(find: string): Item[] {
  const inWords = useRangeWords();
  const { zone } = useClock();
  const { change } = useUrl(SCOPE);
  const read = find === '' ? undefined : readRange(find, Date.now(), zone);
  const known = CHIPS.flatMap((chip) => parseRange(chip) ?? []);
  const ranges = read ? [read] : find === '' ? [] : ranked(known, inWords, find);
  return ranges.map((range) => ({
    key: `time ${formatRange(range)}`,
    kind: 'time',
    label: inWords(range),
    run: () => change({ t: range }, 'push'),
  }));
}

function useFilters(find: string): Item[] {
  const { change } = useUrl(SCOPE);
  if (find === '') return [];
  return ranked(recentFilters(), (one) => one, find).map((q) => ({
    key: `filter ${q}`,
    kind: 'filter',
    label: q,
    run: () => change({ q }, 'push'),
  }));
}

function useActions(): Item[] {
  const words = useWords();
  const client = useQueryClient();
  const { values, change } = useUrl(SCOPE);
  const { t, q } = values;
  const link = async () => copy(await shareUrl(t, Date.now()), words('top.linkCopied'));
  const say = (kind: 'cli' | 'curl') =>
    copy(commands(t, q, Date.now())[kind], words('traces.commandCopied'));
  const action = (label: string, run: () => unknown, keys?: string): Item => ({
    key: `action ${label}`,
    kind: 'action',
    label,
    keys,
    run: () => void run(),
  });
  return [
    action(words('top.refresh'), () => refresh(client), '.'),
    action(words('keys.live'), () => change({ live: values.live === '' ? '5s' : '' }), 'L'),
    action(words('top.copyLink'), link, 'c'),
    action(words('traces.copyCli'), () => say('cli'), 'C'),
    action(words('traces.copyCurl'), () => say('curl')),
    action(words('top.shortcuts'), () => openOverlay('keys'), '?'),
    ...THEMES.map((theme) =>
      action(`${words('top.theme')}: ${words('top.themes', { theme })}`, () => prefer({ theme })),
    ),
    ...LANGUAGES.map((language) =>
      action(`${words('top.language')}: ${NAMES[language]}`, () => prefer({ language })),
    ),
  ];
}
