// What the analytics page asks for. Its answer comes line by line, and is shown as it comes.
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { TimeRange, Window } from '../lib/range.ts';
import { formatRange, windowOf } from '../lib/range.ts';
import { NOTHING_YET, expressionOf, foundRows, isChosen, withLine } from '../model/analytics.ts';
import type { Analysis, Found, Line, SetChoice } from '../model/analytics.ts';
import { and } from '../model/filter.ts';
import type { TraceRow } from '../model/traces.ts';
import { lines, post } from './console.ts';
import { parseFilter } from './filter.ts';
import { retry, scopeIn } from './scope.ts';

/** What to analyse. */
export interface Question {
  range: TimeRange;
  filter: string;
  group: string;
  a: SetChoice;
  b: SetChoice;
  tables: readonly string[];
}

/** An analysis, and the window on the clock that it is of. */
export interface Answer extends Analysis {
  window: Window;
}

const micros = (ms: number) => Math.round(ms * 1e3);

function bodyOf({ filter, group, a, b, tables }: Question, window: Window) {
  // Both ends belong to a window there; here the end is the beginning of what follows.
  const span = (one: Window) => ({ from: micros(one.from), to: micros(one.to) - 1 });
  return {
    from: micros(window.from),
    to: micros(window.to),
    ...(filter !== '' && { filter }),
    ...(group !== '' && { group }),
    a: expressionOf(a),
    ...(a.window && { aWindow: span(a.window) }),
    ...(isChosen(b) && { b: expressionOf(b) }),
    ...(b.window && { bWindow: span(b.window) }),
    tables: [...tables],
    differences: isChosen(a),
  };
}

/** Returns the analysis; what has come is there to be shown while the rest is on its way. */
export function analysisQuery(question: Question) {
  const { range, ...rest } = question;
  return queryOptions({
    queryKey: ['analysis', formatRange(range), rest],
    queryFn: async ({ signal, client, queryKey }): Promise<Answer> => {
      const window = windowOf(range, Date.now());
      client.setQueryData(PROGRESS, { done: 0, of: null });
      let answer: Answer = { ...NOTHING_YET, window };
      for await (const line of lines('analytics', bodyOf(question, window), { signal })) {
        answer = { ...withLine(answer, line as Line), window };
        // The first picture needs the sets; until then the old one stays.
        if (answer.sets) client.setQueryData(queryKey, answer);
        if (answer.progress) client.setQueryData(PROGRESS, answer.progress);
      }
      return answer;
    },
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    retry: false,
  });
}

const PROGRESS = ['analysis progress'];

/** Returns how far the server is with the analysis that is on its way. */
export function analysisProgressQuery() {
  return queryOptions({
    queryKey: PROGRESS,
    queryFn: (): { done: number; of: number | null } => ({ done: 0, of: null }),
    enabled: false,
  });
}

/** Rows of a table that are shown, and so many of a set that none of these is missing. */
const FOUND_MAX = 50;
const OF_SET_MAX = 500;

/** Returns the values with this text in them, also those that the table has no row for. */
export function findQuery(question: Question, window: Window, by: string, find: string) {
  const { filter, group, a, b } = question;
  const ask = (set: SetChoice | undefined, signal: AbortSignal) => {
    const from = Math.max(window.from, set?.window?.from ?? 0);
    const to = Math.min(window.to, (set?.window?.to ?? Infinity) - (set?.window ? 1e-3 : 0));
    const chosen = { filter: and(filter, set ? expressionOf(set) : ''), group };
    const limit = set ? OF_SET_MAX : FOUND_MAX;
    const body = { ...scopeIn({ from, to }, chosen), by, limit, search: find };
    return post('traces/aggregate', body, { signal });
  };
  return queryOptions({
    queryKey: ['analysis find', window, filter, group, a, b, by, find],
    queryFn: async ({ signal }): Promise<Found> => {
      const sets = [undefined, ...[a, b].map((set) => (isChosen(set) ? set : null))];
      const [all, ofA, ofB] = await Promise.all(
        sets.map((set) => (set === null ? null : ask(set, signal))),
      );
      return foundRows(all ?? null, ofA ?? null, ofB ?? null);
    },
    retry,
  });
}

/** Returns the parts of a filter expression that are joined by AND, as the server reads them. */
export function termsQuery(text: string) {
  return queryOptions({
    queryKey: ['terms', text],
    queryFn: async ({ signal }): Promise<readonly string[]> => {
      const { terms } = await parseFilter(text, undefined, signal);
      return terms.length > 0 ? terms.map((one) => one.text) : [text];
    },
    enabled: text !== '',
    staleTime: Infinity,
    retry: false,
  });
}

/** One trace of a set. */
export interface FoundTrace {
  id: string;
  startedAt: number;
  responseTime: number | null;
  status: 'ok' | 'error' | 'throttle' | 'fault';
  httpStatus: number | null;
  method: string;
  url: string;
  entry: string;
  user: string;
  cause: string;
}
/** Traces of a set. */
export interface FoundTraces {
  rows: FoundTrace[];
  total: number | null;
}

const ROWS_MAX = 50;

/** Returns the slowest traces that fit. */
export function setTracesQuery(window: Window, filter: string, group: string) {
  return queryOptions({
    queryKey: ['set traces', window, filter, group],
    queryFn: async ({ signal }): Promise<FoundTraces> => {
      const found: FoundTraces = { rows: [], total: null };
      const body = {
        ...scopeIn(window, { filter, group }),
        by: 'responseTime' as const,
        descending: true,
        limit: ROWS_MAX,
      };
      for await (const line of lines('traces/search', body, { signal })) {
        if ('row' in line) found.rows.push(rowOf(line.row));
        if ('end' in line) found.total = line.end.total;
      }
      return found;
    },
    placeholderData: keepPreviousData,
    retry: false,
  });
}

function rowOf(raw: TraceRow): FoundTrace {
  const time = raw.responseTime ?? raw.duration;
  return {
    id: raw.id,
    startedAt: raw.start / 1e3,
    responseTime: time === null ? null : time / 1e3,
    status: raw.status,
    httpStatus: raw.httpStatus,
    method: raw.method ?? '',
    url: raw.url ?? '',
    entry: raw.entry?.name ?? '',
    user: raw.users[0] ?? '',
    cause: [raw.cause?.service.name, raw.cause?.exception].filter(Boolean).join(' · '),
  };
}
