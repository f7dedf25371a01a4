// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, cleanup, renderHook, waitFor } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { graphOf } from '../../model/graph.ts';
import type { Graph } from '../../model/graph.ts';
import { usePlaces } from './places.ts';

/** What the server keeps, and what was sent to it. */
let saved: { nodes: Record<string, { x: number; y: number; pinned: boolean }>; version: number };
let sent: { ifMatch: string | null; nodes: typeof saved.nodes }[];

function reply(version: number, status = 200): Response {
  const headers: Record<string, string> =
    version > 0 ? { etag: `"${version}"`, 'content-type': 'application/json' } : { 'content-type': 'application/json' };
  return new Response(JSON.stringify(saved), { status, headers });
} // prettier-ignore

beforeEach(() => {
  [saved, sent] = [{ nodes: {}, version: 0 }, []];
  vi.useFakeTimers({ shouldAdvanceTime: true });
  vi.stubGlobal('matchMedia', () => ({ matches: true }));
  vi.stubGlobal('fetch', async (_path: string, init?: RequestInit) => {
    if (init?.method !== 'PUT') return reply(saved.version);
    const ifMatch = new Headers(init.headers).get('if-match');
    const { nodes } = JSON.parse(String(init.body)) as typeof saved;
    sent.push({ ifMatch, nodes });
    const isCurrent = saved.version === 0 ? ifMatch === null : ifMatch === `"${saved.version}"`;
    if (!isCurrent) return reply(saved.version, 412);
    saved = { nodes, version: saved.version + 1 };
    return reply(saved.version);
  });
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A front service that calls these. */
function graph(...names: string[]): Graph {
  const services = ['front', ...names].map((Name, ReferenceId) => ({
    Name,
    Type: '',
    ReferenceId,
    Edges: ReferenceId === 0 ? names.map((_, index) => ({ ReferenceId: index + 1 })) : [],
  }));
  return graphOf(services);
}

function show(first: Graph, key = 'all.none') {
  const client = new QueryClient();
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  );
  return renderHook(({ of, isWhole }) => usePlaces(of, key, true, isWhole), {
    wrapper,
    initialProps: { of: first, isWhole: true },
  });
}

const settle = () => act(() => vi.advanceTimersByTimeAsync(2_000));

test('nothing moves when services come and go; all of it is saved', async () => {
  const { result, rerender } = show(graph('a', 'b'));
  await waitFor(() => expect(result.current.places.size).toBe(3));
  const before = new Map(result.current.places);
  rerender({ of: graph('a', 'c', 'd'), isWhole: true });
  expect([...result.current.places.keys()].sort()).toEqual(['a~', 'c~', 'd~', 'front~']);
  for (const key of ['front~', 'a~']) expect(result.current.places.get(key)).toBe(before.get(key));
  rerender({ of: graph('a', 'b'), isWhole: true });
  expect(result.current.places.get('b~')).toEqual(before.get('b~'));
  await settle();
  expect(Object.keys(saved.nodes).sort()).toEqual(['a~', 'b~', 'c~', 'd~', 'front~']);
  expect(sent[0]?.ifMatch).toBeNull();
});

test('what was saved is where it was; who was moved is pinned', async () => {
  const at = (x: number, y: number) => ({ x, y, pinned: false });
  saved = { nodes: { 'front~': at(5, 6), 'a~': at(700, 8), 'b~': at(700, 300) }, version: 4 };
  const { result } = show(graph('a', 'b'));
  await waitFor(() => expect(result.current.places.get('a~')).toMatchObject({ x: 700, y: 8 }));
  await settle();
  expect(sent).toEqual([]);
  act(() => result.current.move('b~', { x: 900, y: 10 }));
  expect(result.current.places.get('b~')).toMatchObject({ x: 900, y: 10 });
  await settle();
  expect(sent.map(({ ifMatch }) => ifMatch)).toEqual(['"4"']);
  expect(saved.nodes['b~']).toEqual({ x: 900, y: 10, pinned: true });
});

test('what others saved in between stays, but for what was moved here', async () => {
  const at = (x: number) => ({ x, y: 0, pinned: false });
  saved = { nodes: { 'front~': at(0), 'a~': at(300), 'b~': at(600) }, version: 1 };
  const { result } = show(graph('a', 'b'));
  await waitFor(() => expect(result.current.places.size).toBe(3));
  saved = { nodes: { ...saved.nodes, 'a~': { x: 333, y: 3, pinned: true } }, version: 2 };
  act(() => result.current.move('b~', { x: 666, y: 6 }));
  await settle();
  expect(saved.nodes).toMatchObject({ 'a~': { x: 333 }, 'b~': { x: 666, pinned: true } });
});

test('Tidy lays out anew and can be taken back', async () => {
  const { result } = show(graph('a', 'b'));
  await waitFor(() => expect(result.current.places.size).toBe(3));
  act(() => result.current.move('a~', { x: 50, y: 999 }));
  act(() => result.current.tidy());
  expect(result.current.places.get('a~')?.y).toBeLessThan(500);
  act(() => result.current.undo?.());
  expect(result.current.places.get('a~')).toMatchObject({ x: 50, y: 999 });
  expect(result.current.undo).toBeUndefined();
});

test('a part of the map is not saved until somebody moves a card', async () => {
  const { result, rerender } = show(graph('a'));
  rerender({ of: graph('a'), isWhole: false });
  await waitFor(() => expect(result.current.places.size).toBe(2));
  await settle();
  expect(sent).toEqual([]);
  act(() => result.current.move('a~', { x: 1, y: 2 }));
  await settle();
  expect(sent).toHaveLength(1);
});
