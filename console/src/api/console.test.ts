import { afterEach, expect, test, vi } from 'vitest';
import { ConsoleError, get, lines, post } from './console.ts';

const sent: Request[] = [];

/** Has every request answered with these pieces, and keeps it. */
function answer(status: number, ...pieces: string[]): { cancelled: boolean } {
  const state = { cancelled: false };
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    sent.push(new Request(`http://x${path}`, init));
    const encoder = new TextEncoder();
    const body = new ReadableStream<Uint8Array>({
      pull(to) {
        const piece = pieces.shift();
        if (piece === undefined) to.close();
        else to.enqueue(encoder.encode(piece));
      },
      cancel() {
        state.cancelled = true;
      },
    });
    return new Response(body, { status });
  });
  return state;
}

afterEach(() => {
  vi.unstubAllGlobals();
  sent.length = 0;
});

const scope = { from: 1, to: 2 };

async function read(all: AsyncIterable<unknown>): Promise<unknown[]> {
  const found = [];
  for await (const one of all) found.push(one);
  return found;
}

test('a question is sent as the server wants it', async () => {
  answer(200, '{"total":1,"latest":null,', '"exact":true}');
  const count = await post('traces/count', scope);
  expect(count.total).toBe(1);
  const [request] = sent;
  expect([request?.method, request?.url]).toEqual(['POST', 'http://x/console/api/traces/count']);
  expect(request?.headers.get('x-console')).toBe('1');
  expect(await request?.json()).toEqual(scope);
});

test('what stands in braces is filled in', async () => {
  answer(200, '{}');
  await post('xray/{operation}', {}, { path: { operation: 'a/b' } });
  expect(sent[0]?.url).toBe('http://x/console/api/xray/a%2Fb');
});

test('lines are whole however they come', async () => {
  answer(200, '{"a":1}\n{"b"', ':2}\n', '{"c":"', '가"}\n');
  expect(await read(lines('traces/count', scope))).toEqual([{ a: 1 }, { b: 2 }, { c: '가' }]);
});

test('whoever stops reading ends the answer', async () => {
  const state = answer(200, '{"a":1}\n', '{"b":2}\n', '{"c":3}\n', '{"d":4}\n');
  for await (const one of lines('traces/count', scope)) if ('a' in one) break;
  expect(state.cancelled).toBe(true);
});

test('errors carry the place that they are about', async () => {
  const error = {
    code: 'InvalidFilter',
    message: 'no',
    field: 'filter',
    offset: 3,
    requestId: 'r',
  };
  answer(400, JSON.stringify(error));
  const refused: unknown = await post('traces/count', scope).catch((cause: unknown) => cause);
  expect(refused).toBeInstanceOf(ConsoleError);
  expect(refused).toMatchObject({ ...error, status: 400 });
  answer(200, '{"a":1}\n', `${JSON.stringify({ error })}\n`);
  await expect(read(lines('traces/count', scope))).rejects.toMatchObject(error);
  answer(502, '<html>');
  await expect(get('info')).rejects.toMatchObject({ code: 'HTTP 502', message: '<html>' });
});
