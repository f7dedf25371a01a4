// What the analytics page asks for. Its answer comes line by line, and is shown as it comes.
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { TimeRange, Window } from '../lib/range.ts';
import { formatRange, windowOf } from '../lib/range.ts';
import { NOTHING_YET, expressionOf, isChosen, withLine } from '../model/analytics.ts';
import type { Analysis, Line, SetChoice } from '../model/analytics.ts';
import { ApiError } from './client.ts';
import { parseFilter } from './filter.ts';

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
    tables,
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
      await post('/console/api/analytics', bodyOf(question, window), signal, (line) => {
        answer = { ...withLine(answer, line as Line), window };
        // The first picture needs the sets; until then the old one stays.
        if (answer.sets) client.setQueryData(queryKey, answer);
        if (answer.progress) client.setQueryData(PROGRESS, answer.progress);
      });
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

/** Sends a question and hands on each line of the answer. Throws `ApiError`, or what aborting throws. */
async function post(
  path: string,
  body: unknown,
  signal: AbortSignal,
  onLine: (line: object) => void,
): Promise<void> {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal,
  }).catch((cause: unknown) => {
    if (signal.aborted) throw cause;
    throw new ApiError('Offline', String(cause), 0, '');
  });
  if (!response.ok || !response.body) throw failure(await response.text(), response.status);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (let step = await reader.read(); !step.done; step = await reader.read()) {
    const lines = (text + step.value).split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) if (line !== '') take(line, onLine);
  }
}

function take(text: string, onLine: (line: object) => void): void {
  const line = JSON.parse(text) as { error?: object };
  if (line.error) throw failure(JSON.stringify(line.error), 500);
  onLine(line);
}

function failure(text: string, status: number): ApiError {
  let told: Partial<Record<'code' | 'message' | 'requestId', string>> = {};
  try {
    told = JSON.parse(text) as typeof told;
  } catch {
    // No JSON: the status says it.
  }
  const message = told.message ?? text.slice(0, 200);
  return new ApiError(told.code ?? `HTTP ${status}`, message, status, told.requestId ?? '');
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
interface RawRow {
  id: string;
  start: number;
  responseTime: number | null;
  duration: number | null;
  status: FoundTrace['status'];
  httpStatus: number | null;
  method: string | null;
  url: string | null;
  entry: { name: string } | null;
  users: string[];
  cause: { service: { name: string }; exception: string | null } | null;
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
        from: micros(window.from),
        to: micros(window.to),
        ...(filter !== '' && { filter }),
        ...(group !== '' && { group }),
        by: 'responseTime',
        descending: true,
        limit: ROWS_MAX,
      };
      await post('/console/api/traces/search', body, signal, (line) => {
        const { row, end } = line as { row?: RawRow; end?: { total: number } };
        if (row) found.rows.push(rowOf(row));
        if (end) found.total = end.total;
      });
      return found;
    },
    placeholderData: keepPreviousData,
    retry: false,
  });
}

function rowOf(raw: RawRow): FoundTrace {
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
