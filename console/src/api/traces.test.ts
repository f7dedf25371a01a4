import { QueryClient } from '@tanstack/react-query';
import { afterEach, expect, test, vi } from 'vitest';
import { orderOf } from '../model/traces.ts';
import { progressOf, onProgress } from './progress.ts';
import { allRows, progressKey, searchQuery } from './traces.ts';

const chosen = { range: { kind: 'last' as const, length: 36e5 }, filter: 'fault', group: '' };
const order = orderOf('slowest');
const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });

afterEach(() => {
  vi.unstubAllGlobals();
  client.clear();
});

const row = (id: string) => ({ row: { id } });
const end = (total: number, cursor: string | null) => ({
  end: { total, scanned: total, exact: true, cursor, unreadableBlocks: 0 },
});

/** Answers one request after the other with these lines; the last of `null` never ends. */
function answer(...answers: (object | null)[][]) {
  const asked: Record<string, unknown>[] = [];
  const fetched = vi.fn(async (_: string, init: RequestInit) => {
    asked.push(JSON.parse(String(init.body)) as Record<string, unknown>);
    const lines = answers.shift() ?? [];
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        init.signal?.addEventListener('abort', () => controller.error(init.signal?.reason));
        for (const line of lines) {
          if (line) controller.enqueue(new TextEncoder().encode(`${JSON.stringify(line)}\n`));
        }
        if (!lines.includes(null)) controller.close();
      },
    });
    return new Response(body);
  });
  vi.stubGlobal('fetch', fetched);
  return asked;
}

test('pages are of one window, in the order that was asked for', async () => {
  const asked = answer([row('a'), row('b'), end(3, 'next')], [row('c'), end(3, null)]);
  const data = await client.fetchInfiniteQuery({ ...searchQuery(chosen, order), pages: 2 });
  expect(data.pages.flatMap((page) => page.rows.map(({ id }) => id))).toEqual(['a', 'b', 'c']);
  expect(asked[0]).toMatchObject({ filter: 'fault', by: 'responseTime', descending: true });
  expect(asked[0]).not.toHaveProperty('after');
  expect(asked[1]).toEqual({ ...asked[0], after: 'next' });
});

test('a search that is stopped keeps what came', async () => {
  answer([{ progress: { scanned: 40, matched: 2 } }, row('a'), null]);
  const key = progressKey(chosen, order);
  const isUnderWay = new Promise<void>((resolve) => {
    const off = onProgress(() => {
      if (!progressOf(key)) return;
      off();
      resolve();
    });
  });
  const asked = client.fetchInfiniteQuery(searchQuery(chosen, order));
  await isUnderWay;
  expect(progressOf(key)).toMatchObject({ scanned: 40, matched: 2 });
  // What was sent before the stop is read before it.
  await new Promise((resolve) => setTimeout(resolve));
  progressOf(key)?.stop();
  const { pages } = await asked;
  expect(pages).toMatchObject([{ rows: [{ id: 'a' }], end: undefined }]);
  expect(progressOf(key)).toBeUndefined();
});

test('an error in the middle is one', async () => {
  answer([row('a'), { error: { code: 'Internal', message: 'a block is gone', requestId: 'r' } }]);
  await expect(
    client.fetchInfiniteQuery({ ...searchQuery(chosen, order), retry: false }),
  ).rejects.toThrow('a block is gone');
});

test('all rows, but not more than are wanted', async () => {
  answer([row('a'), row('b'), end(4, 'next')], [row('c'), row('d'), end(4, null)]);
  const ids: string[] = [];
  const { signal } = new AbortController();
  for await (const { id } of allRows(chosen, order, 3, signal)) ids.push(id);
  expect(ids).toEqual(['a', 'b', 'c']);
});
