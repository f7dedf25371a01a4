import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { and, ofAnnotation, ofEdge, ofException, ofService, quote } from './filter.ts';
import { graphOf, reach } from './graph.ts';
import type { Graph, RawService } from './graph.ts';
import { logBins, percentile } from './histogram.ts';
import { CARD, anchored, backbone, layout } from './layout.ts';
import type { Places } from './layout.ts';
import { markOf } from './marks.ts';

describe('histogram', () => {
  const bars = fc.array(
    fc.record({
      value: fc.double({ min: 1e-4, max: 100, noNaN: true }),
      count: fc.integer({ min: 0, max: 20 }),
    }),
    { maxLength: 30 },
  );

  test('a percentile is that of all values written out', () => {
    fc.assert(
      fc.property(bars, fc.double({ min: 0, max: 1, noNaN: true }), (all, share) => {
        const values = all
          .flatMap((bar) => Array<number>(bar.count).fill(bar.value))
          .sort((a, b) => a - b);
        const rank = Math.max(1, Math.ceil(share * values.length - 1e-9));
        expect(percentile(all, share)).toBe(values[rank - 1]);
      }),
    );
  });

  test('bins lose nothing', () => {
    fc.assert(
      fc.property(bars, fc.integer({ min: 1, max: 40 }), (all, count) => {
        const total = all.reduce((sum, bar) => sum + bar.count, 0);
        expect(logBins(all, count).reduce((sum, bin) => sum + bin.count, 0)).toBe(total);
      }),
    );
  });
});

describe('filter text', () => {
  test.each([
    [quote('a"b\\c'), '"a\\"b\\\\c"'],
    [and('', 'fault', ' '), 'fault'],
    [and('ok OR error', 'user = "a"'), '(ok OR error) AND user = "a"'],
    [ofService({ name: 'orders', type: 'AWS::ECS::Container' }),
      'service(id(name: "orders", type: "AWS::ECS::Container"))'],
    [ofService({ name: 'orders', type: '' }, { responseTime: [1.2, 2.9], outcomes: ['fault'] }),
      'service("orders") { responsetime >= 1.2 AND responsetime <= 2.9 AND fault }'],
    [ofEdge({ name: 'a', type: '' }, { name: 'b', type: '' }, { outcomes: ['fault', 'error'] }),
      'edge("a", "b") { fault OR error }'],
    [ofAnnotation('team', 'blue'), 'annotation.team = "blue"'],
    [ofAnnotation('a.b', 7), 'annotation[a.b] = 7'],
    [ofException('Timeout', 'fault'), 'rootcause.fault.exception { name = "Timeout" }'],
    [ofException('Bad', 'throttle'), 'rootcause.error.exception { name = "Bad" }'],
  ])('%s', (written, wanted) => expect(written).toBe(wanted)); // prettier-ignore
});

/** Builds a graph from lines such as `a > b 10 2`: ten calls, two of them faults. */
function graph(text: string): Graph {
  const lines = text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  const names = [...new Set(lines.flatMap(([from = '', , to = '']) => [from, to]))];
  const services: RawService[] = names.map((name, index) => {
    const count = (fault: number, total: number) => ({
      OkCount: total - fault,
      TotalCount: total,
      FaultStatistics: { TotalCount: fault },
      TotalResponseTime: total * 0.1,
    });
    const incoming = lines.filter((line) => line[2] === name);
    const sum = (column: number) =>
      incoming.reduce((all, line) => all + Number(line[column] ?? 0), 0);
    return {
      ReferenceId: index,
      Name: name,
      Type: name === 'client' ? 'client' : 'AWS::ECS::Container',
      State: 'active',
      SummaryStatistics: count(sum(4), sum(3)),
      Edges: lines
        .filter((line) => line[0] === name)
        .map((line) => ({
          ReferenceId: names.indexOf(line[2] ?? ''),
          SummaryStatistics: count(Number(line[4] ?? 0), Number(line[3] ?? 0)),
        })),
    };
  });
  return graphOf(services);
}

const SHOP = `
  client > front 100 20
  front > cart 100 0
  front > payment 90 20
  cart > table 100 0
  payment > ledger 80 0
`;

function overlaps(places: Places): string[] {
  const all = [...places];
  return all.flatMap(([a, one], index) =>
    all.slice(index + 1).flatMap(([b, other]) => {
      const apart =
        Math.abs(one.x - other.x) >= CARD.width || Math.abs(one.y - other.y) >= CARD.height;
      return apart ? [] : [`${a} and ${b}`];
    }),
  );
}

describe('graph', () => {
  test('a service is where faults begin when its callees do not explain them', () => {
    const { nodes } = graph(SHOP);
    expect(nodes.filter((node) => node.isOrigin).map((node) => node.name)).toEqual(['payment']);
    expect(nodes.filter((node) => markOf(node) === 'fault').map((node) => node.name)).toEqual([
      'client', 'front', 'payment',
    ]); // prettier-ignore
  });

  test('what is upstream and downstream', () => {
    const names = (direction: 'up' | 'down' | 'both') =>
      [...reach(graph(SHOP), 'payment~AWS::ECS::Container', direction)]
        .map((key) => key.split('~')[0])
        .sort();
    expect(names('up')).toEqual(['client', 'front', 'payment']);
    expect(names('down')).toEqual(['ledger', 'payment']);
    expect(names('both')).toEqual(['client', 'front', 'ledger', 'payment']);
  });
});

describe('layout', () => {
  const graphs = fc
    .array(
      fc.tuple(
        fc.integer({ min: 0, max: 24 }),
        fc.integer({ min: 0, max: 24 }),
        fc.integer({ min: 1, max: 99 }),
      ),
      {
        minLength: 1,
        maxLength: 80,
      },
    )
    .map((edges) =>
      graph(edges.map(([from, to, count]) => `n${from} > n${to} ${count} ${count % 3}`).join('\n')),
    );

  test('callers stand left of those they call, clients first', () => {
    const places = layout(graph(SHOP));
    const column = (name: string) =>
      places.get(`${name}~${name === 'client' ? 'client' : 'AWS::ECS::Container'}`)?.x ?? NaN;
    expect(column('client')).toBeLessThan(CARD.width);
    expect(column('front')).toBeGreaterThan(column('client'));
    expect(column('payment')).toBe(column('cart'));
    expect(column('ledger')).toBeGreaterThan(column('payment'));
  });

  test('every node has a place and no two overlap', () => {
    fc.assert(
      fc.property(graphs, (any) => {
        const places = layout(any);
        expect([...places.keys()].sort()).toEqual(any.nodes.map((node) => node.key).sort());
        expect(overlaps(places)).toEqual([]);
      }),
    );
  });

  test('a changed graph moves nothing that stood before', () => {
    fc.assert(
      fc.property(graphs, graphs, (before, after) => {
        const old = layout(before);
        const places = anchored(after, old);
        const kept = after.nodes.filter((node) => old.has(node.key));
        for (const node of kept) expect(places.get(node.key)).toEqual(old.get(node.key));
        expect([...places.keys()].sort()).toEqual(after.nodes.map((node) => node.key).sort());
        expect(overlaps(places)).toEqual([]);
      }),
    );
  });

  test('the backbone reaches every node that has an edge', () => {
    fc.assert(
      fc.property(graphs, (any) => {
        const reached = (edges: Graph['edges']) =>
          new Set(edges.flatMap((edge) => [edge.from, edge.to]));
        expect(reached(backbone(any))).toEqual(reached(any.edges));
      }),
    );
  });
});
