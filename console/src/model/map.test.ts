import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NODES_FORCED, collapse, fold, labelledBy } from './collapse.ts';
import { biggest, compare } from './compare.ts';
import { wanted } from './find.ts';
import { graphOf } from './graph.ts';
import type { Graph, Node, RawService } from './graph.ts';
import { kindOf, shortName } from './kind.ts';
import { crossings, layered } from './layers.ts';
import { CARD, anchored, layout, spread, widthOf } from './layout.ts';
import { remember, withExtra, without } from './live.ts';
import { csvOf, readSort, sortedRows, writeSort } from './maptable.ts';
import { markOf, markOfStats, withMarks } from './marks.ts';
import { HEAD, curvesOf, pointOn, routeAt, routesOf } from './routes.ts';

interface Line {
  from: string;
  to: string;
  total?: number;
  fault?: number;
  /** Seconds of one request. */
  time?: number;
}

/** Builds a graph from calls; `type` says what a service is. */
function graph(
  lines: readonly Line[],
  type: (name: string) => string = () => 'AWS::ECS::Container',
): Graph {
  const names = [...new Set(lines.flatMap(({ from, to }) => [from, to]))];
  const counts = ({ total = 10, fault = 0, time = 0.1 }: Partial<Line>) => ({
    OkCount: total - fault,
    TotalCount: total,
    FaultStatistics: { TotalCount: fault },
    TotalResponseTime: total * time,
  });
  const services: RawService[] = names.map((name, index) => {
    const incoming = lines.filter((line) => line.to === name);
    const total = incoming.reduce((sum, line) => sum + (line.total ?? 10), 0) || 10;
    const fault = incoming.reduce((sum, line) => sum + (line.fault ?? 0), 0);
    return {
      ReferenceId: index,
      Name: name,
      Type: type(name),
      State: /Table|Queue|remote/.test(type(name)) ? 'unknown' : 'active',
      SummaryStatistics: counts({ total, fault, time: incoming[0]?.time }),
      Edges: lines
        .filter((line) => line.from === name)
        .map((line) => ({ ReferenceId: names.indexOf(line.to), SummaryStatistics: counts(line) })),
    };
  });
  return graphOf(services);
}

const calls = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 30 }), fc.integer({ min: 1, max: 99 })), { minLength: 1, maxLength: 90 })
  .map((edges) => graph(edges.map(([from, to, total]) => ({ from: `n${from}`, to: `n${to}`, total, fault: total % 3 })))); // prettier-ignore
const key = (name: string) => `${name}~AWS::ECS::Container`;
const names = (nodes: readonly Node[]) => nodes.map((node) => node.name).sort();

describe('layers', () => {
  test('crossings are those that pairs of lines have', () => {
    const links = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 10, max: 19 })), { maxLength: 40 }); // prettier-ignore
    fc.assert(
      fc.property(links, (pairs) => {
        const unique = [...new Map(pairs.map((pair) => [pair.join(), pair])).values()];
        const after: number[][] = Array.from({ length: 20 }, () => []);
        for (const [from, to] of unique) after[from]?.push(to);
        const columns = [
          [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
          [10, 11, 12, 13, 14, 15, 16, 17, 18, 19],
        ];
        const row = Float64Array.from({ length: 20 }, (_, index) => index % 10);
        const slow = unique.flatMap(([a, b], index) =>
          unique.slice(index + 1).filter(([c, d]) => (a - c) * (b - d) < 0),
        ).length;
        expect(crossings({ columns, after, before: [], count: 20 }, row)).toBe(slow);
      }),
    );
  });

  test('lines that can stand apart do not cross', () => {
    const links = [[0, 5], [1, 4], [2, 3]].map(([from = 0, to = 0]) => ({ from, to, weight: 1 })); // prettier-ignore
    const found = layered(6, links);
    const row = new Float64Array(6);
    for (const column of found.columns) for (const [index, at] of column.entries()) row[at] = index;
    expect(crossings(found, row)).toBe(0);
  });

  test('a call over several columns leaves itself room', () => {
    const links = [[0, 1], [1, 2], [2, 3], [0, 3]].map(([from = 0, to = 0]) => ({ from, to, weight: 1 })); // prettier-ignore
    const { columns, count } = layered(4, links);
    expect(columns.map((column) => column.filter((at) => at >= count).length)).toEqual([
      0, 1, 1, 0,
    ]);
  });

  test('things moved apart do not overlap and keep their mean', () => {
    const rows = fc.array(fc.tuple(fc.integer({ min: -500, max: 500 }), fc.integer({ min: 4, max: 80 })), { minLength: 1, maxLength: 30 }); // prettier-ignore
    fc.assert(
      fc.property(rows, (all) => {
        const [wish, sizes] = [all.map(([at]) => at), all.map(([, size]) => size)];
        const found = spread(wish, sizes);
        for (let i = 1; i < found.length; i += 1) {
          const least = ((sizes[i - 1] ?? 0) + (sizes[i] ?? 0)) / 2;
          expect((found[i] ?? 0) - (found[i - 1] ?? 0)).toBeGreaterThan(least - 1e-6);
        }
      }),
    );
  });
});

describe('routes', () => {
  test('a line passes no card but those that it joins', () => {
    fc.assert(
      fc.property(calls, (any) => {
        const places = layout(any);
        for (const route of routesOf(any, places).values()) {
          const [a, b] = [places.get(route.edge.from), places.get(route.edge.to)];
          // Lines to the left go around in a lane of their own.
          if (!a || !b || b.x <= a.x) continue;
          for (const [name, card] of places) {
            if (name === route.edge.from || name === route.edge.to) continue;
            if (card.x < a.x + CARD.width || card.x + CARD.width > b.x) continue;
            for (let index = 0; index < curvesOf(route); index += 1) {
              for (let t = 0; t <= 1; t += 0.25) {
                const at = pointOn(route, index, t);
                const isInside =
                  at.x > card.x && at.x < card.x + CARD.width && at.y > card.y && at.y < card.y + CARD.height; // prettier-ignore
                expect(isInside, `${route.edge.key} over ${name}`).toBe(false);
              }
            }
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  test('a line begins at the caller and ends before the callee', () => {
    const any = graph([{ from: 'a', to: 'b' }]);
    const places = layout(any);
    const [route] = routesOf(any, places).values();
    const [a, b] = [places.get(key('a')), places.get(key('b'))];
    expect(route?.line.slice(0, 2)).toEqual([
      (a?.x ?? 0) + CARD.width,
      (a?.y ?? 0) + CARD.height / 2,
    ]);
    expect(route?.line.slice(-2)).toEqual([(b?.x ?? 0) - HEAD, (b?.y ?? 0) + CARD.height / 2]);
  });

  test('the nearest line is found, within reach', () => {
    const any = graph([{ from: 'a', to: 'b' }, { from: 'a', to: 'c' }, { from: 'a', to: 'a' }]); // prettier-ignore
    const places = layout(any);
    const routes = routesOf(any, places);
    for (const route of routes.values()) {
      const on = pointOn(route, 0, 0.5);
      expect(routeAt(routes.values(), on, 4)).toBe(route);
    }
    expect(routeAt(routes.values(), { x: -900, y: 0 }, 4)).toBeUndefined();
  });
});

describe('places', () => {
  test('clients end where their column ends', () => {
    const any = graph([{ from: 'c', to: 'a' }], (name) => (name === 'c' ? 'client' : 'x'));
    const places = layout(any);
    expect((places.get('c~client')?.x ?? 0) + widthOf({ isClient: true })).toBe(CARD.width);
  });

  test('parts that nothing joins stand below each other', () => {
    const any = graph([{ from: 'a', to: 'b' }, { from: 'a', to: 'c' }, { from: 'd', to: 'e' }]); // prettier-ignore
    const places = layout(any);
    const bottom = Math.max(...['a', 'b', 'c'].map((name) => places.get(key(name))?.y ?? 0));
    expect(places.get(key('d'))?.y).toBeGreaterThan(bottom + CARD.height);
  });

  test('who comes back finds its place free', () => {
    const all = graph([{ from: 'a', to: 'b' }, { from: 'a', to: 'c' }]); // prettier-ignore
    const before = layout(all);
    const later = graph([{ from: 'a', to: 'b' }, { from: 'a', to: 'd' }]); // prettier-ignore
    const places = anchored(later, before);
    expect(places.get(key('d'))).not.toEqual(before.get(key('c')));
  });
});

describe('folding', () => {
  const fleet = (count: number) =>
    graph(
      Array.from({ length: count }, (_, index) => ({ from: `team${index % 8}-front`, to: `team${(index * 3) % 8}-s${index}`, total: 10, fault: index === 5 ? 9 : 0 })),
    ); // prettier-ignore

  test('a small map stays as it is', () => {
    const small = fleet(30);
    expect(collapse(small, 'auto', new Set())).toMatchObject({ by: 'none', graph: small });
  });

  test('a large one is folded by the beginning of names; nothing is counted twice or lost', () => {
    const large = fleet(120);
    const { graph: folded, by } = collapse(large, 'auto', new Set());
    expect(by).toBe('name');
    expect(names(folded.nodes)).toEqual(['team0', 'team1', 'team2', 'team3', 'team4', 'team5', 'team6', 'team7']); // prettier-ignore
    const sum = (any: Graph) => any.nodes.reduce((all, node) => all + node.stats.total, 0);
    expect(sum(folded)).toBe(sum(large));
    expect(folded.nodes.flatMap((node) => node.members ?? [])).toHaveLength(large.nodes.length);
    const bad = folded.nodes.filter((node) => node.worst === 'fault');
    expect(bad.map((node) => [node.name, markOf(node)])).toEqual([['team7', 'fault']].map(([name]) => [name, markOf(bad[0] as Node)])); // prettier-ignore
  });

  test('an opened group is shown one by one, the rest stays folded', () => {
    const { graph: folded } = collapse(fleet(120), 'auto', new Set(['team3']));
    const open = folded.nodes.filter((node) => node.group === 'team3');
    expect(open.length).toBeGreaterThan(10);
    expect(folded.nodes.filter((node) => node.members)).toHaveLength(7);
    const here = new Set(folded.nodes.map((node) => node.key));
    expect(folded.edges.every((edge) => here.has(edge.from) && here.has(edge.to))).toBe(true);
  });

  test('what one service stores things in is folded with it', () => {
    const lines = Array.from({ length: 100 }, (_, index) => ({ from: index % 2 ? 'orders' : 'billing', to: `t${index}` })); // prettier-ignore
    const any = graph(lines, (name) => (/^t\d/.test(name) ? 'AWS::DynamoDB::Table' : 'x'));
    const { graph: folded } = collapse(any, 'name', new Set());
    expect(names(folded.nodes)).toEqual(['billing', 'billing: DynamoDB Table', 'orders', 'orders: DynamoDB Table']); // prettier-ignore
  });

  test('what a service belongs to is what the server says', () => {
    const any = fleet(30);
    const of = (node: Node) => (node.name.includes('front') ? 'doors' : 'rooms');
    const labels = new Map(any.nodes.map((node) => [node.key, of(node)]));
    const { graph: folded, by } = collapse(any, 'group:team', new Set(), labels);
    expect(by).toBe('group:team');
    expect(names(folded.nodes)).toEqual(['doors', 'rooms']);
    expect(collapse(any, 'group', new Set(['doors']), labels).graph.nodes).toHaveLength(8 + 1);
    expect(collapse(any, 'group', new Set()).graph.nodes).toHaveLength(any.nodes.length);
  });

  test('labels are asked for where they are needed', () => {
    expect(labelledBy('auto', 30)).toBeUndefined();
    expect(labelledBy('auto', 120)).toBe('group');
    expect(labelledBy('none', 120)).toBeUndefined();
    expect(labelledBy('none', NODES_FORCED + 1)).toBe('group');
    expect(labelledBy('group:team', 3)).toBe('group:team');
    expect(['group', 'group:team', 'group:', 'team'].map((one) => fold.read(one))).toEqual(
      ['group', 'group:team', undefined, undefined],
    ); // prettier-ignore
  });

  test('too many are folded although nobody wants it', () => {
    const any = graph(Array.from({ length: NODES_FORCED + 1 }, (_, index) => ({ from: 'a-x', to: `b-${index}` }))); // prettier-ignore
    expect(collapse(any, 'none', new Set()).isForced).toBe(true);
  });
});

describe('finding', () => {
  const all = graph(
    [
      { from: 'web', to: 'payments', total: 100, fault: 20, time: 0.5 },
      { from: 'web', to: 'orders', total: 600, fault: 0, time: 2 },
      { from: 'orders', to: 'queue', total: 30 },
    ],
    (name) => (name === 'queue' ? 'AWS::SQS::Queue' : 'AWS::ECS::Container'),
  );
  test.each([
    ['pay', ['payments']],
    ['fault > 5%', ['payments']],
    ['fault > 5', ['payments']],
    ['latency > 1s', ['orders']],
    ['latency > 300ms and fault = 0', ['orders']],
    ['tpm < 1', ['queue', 'web']],
    ['type = AWS::SQS::Queue', ['queue']],
    ['type != "AWS::SQS::Queue" and not web', ['orders', 'payments']],
    ['name contains ER or name contains EUE', ['orders', 'queue']],
    ['fualt > 5%', []],
    ['container', ['orders', 'payments', 'web']],
  ])('%s', (text, found) => {
    expect(names(all.nodes.filter(wanted(text, 60) ?? (() => true)))).toEqual(found);
  });

  test('nothing means no choice', () => {
    expect(wanted('  ', 60)).toBeUndefined();
  });
});

describe('comparing', () => {
  test('what came, went, slowed down and fails', () => {
    const then = graph([{ from: 'a', to: 'b', total: 100, time: 0.1 }, { from: 'a', to: 'old', total: 50 }]); // prettier-ignore
    const now = graph([{ from: 'a', to: 'b', total: 100, fault: 30, time: 0.4 }, { from: 'a', to: 'fresh', total: 50 }]); // prettier-ignore
    const found = compare(now, then, [60, 60]);
    expect(found.graph.nodes.map(({ name, state }) => [name, state])).toEqual([
      ['a', undefined], ['b', undefined], ['fresh', undefined], ['old', 'gone'],
    ]); // prettier-ignore
    expect(biggest(found).map(({ node, change }) => [node.name, change.kind])).toEqual([
      ['b', 'kept'], ['fresh', 'new'], ['old', 'gone'],
    ]); // prettier-ignore
    const own = found.changes.get(key('b'));
    expect([Math.round(own?.average ?? 0), own?.fault]).toEqual([300, 0.3]);
  });
});

describe('from refresh to refresh', () => {
  test('who becomes silent stays, who comes is new', () => {
    const before = graph([{ from: 'a', to: 'b' }]);
    const now = remember(graph([{ from: 'a', to: 'c' }]), before);
    expect(now.nodes.map(({ name, state }) => [name, state])).toEqual([
      ['a', undefined], ['c', 'new'], ['b', 'silent'],
    ]); // prettier-ignore
    expect(now.edges).toHaveLength(2);
  });

  test('a mark stays until the share is well below', () => {
    const stats = (fault: number) => ({ total: 1000, ok: 1000 - fault, error: 0, throttle: 0, fault, totalTime: 1 }); // prettier-ignore
    expect([50, 49, 40, 39].map((fault) => markOfStats(stats(fault), 'fault'))).toEqual(['fault', 'fault', 'fault', 'ok']); // prettier-ignore
    expect(markOfStats(stats(49))).toBe('ok');
    const now = graph([{ from: 'a', to: 'b', total: 1000, fault: 45 }]);
    const marked = withMarks(now, new Map([[key('b'), 'fault']]));
    expect(marked.nodes.map(({ mark }) => mark)).toEqual(['ok', 'fault']);
  });

  test('faults begin where the server says so', () => {
    const now = graph([{ from: 'a', to: 'b', total: 100, fault: 20 }]);
    const known = { firstSeen: undefined, percentiles: undefined };
    const extra = new Map([[key('a'), { ...known, origins: 0 }], [key('b'), { ...known, origins: 9 }]]); // prettier-ignore
    expect(withExtra(now, extra, 0).nodes.map(({ isOrigin }) => isOrigin)).toEqual([false, false]);
    extra.set(key('b'), { ...known, origins: 10 });
    expect(withExtra(now, extra, 0).nodes.map(({ isOrigin }) => isOrigin)).toEqual([false, true]);
  });

  test('what is hidden takes its calls along', () => {
    const now = graph([{ from: 'a', to: 'b' }, { from: 'a', to: 'c' }]); // prettier-ignore
    const left = without(now, (node) => node.name === 'b');
    expect([names(left.nodes), left.edges.length]).toEqual([['a', 'c'], 1]);
  });
});

describe('the table', () => {
  const all = graph([{ from: 'a', to: '=b', total: 100, fault: 20 }, { from: 'a', to: 'c', total: 9 }]); // prettier-ignore

  test('is sorted either way', () => {
    const order = (text: string) => sortedRows(all, readSort(text)).map(({ node }) => node.name);
    expect(order('')).toEqual(['=b', 'a', 'c']);
    expect(order('requests')).toEqual(['c', 'a', '=b']);
    expect(order('-service')).toEqual(['c', 'a', '=b']);
    expect(['', 'requests', '-p95'].map((text) => writeSort(readSort(text)))).toEqual([
      '',
      'requests',
      '-p95',
    ]);
  });

  test('as a file has no formulas', () => {
    expect(
      csvOf(sortedRows(all, readSort('')))
        .split('\r\n')
        .slice(0, 2),
    ).toEqual([
      'service,type,requests,average,p50,p95,p99,faults,errors,throttles,callers,callees',
      "'=b,AWS::ECS::Container,100,100,0,0,0,0.2,0,0,1,0",
    ]);
  });
});

test.each([
  ['AWS::DynamoDB::Table', 'nosql'], ['AWS::SQS::Queue', 'queue'], ['AWS::ECS::Container', 'container'],
  ['AWS::Lambda::Function', 'function'], ['remote', 'http'], ['client', 'client'], ['Database::SQL', 'sql'], ['x', 'unknown'],
])('%s is a %s', (type, kind) => expect(kindOf(type)).toBe(kind)); // prettier-ignore

test.each([
  ['https://sqs.eu-central-1.amazonaws.com/000000000000/shop-orders', 'shop-orders'],
  ['http://api.example/', 'api.example'],
  ['orders', 'orders'],
])('%s is called %s', (name, short) => expect(shortName(name)).toBe(short));
