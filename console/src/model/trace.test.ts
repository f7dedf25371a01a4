import { describe, expect, test } from 'vitest';
import { blameOf, criticalPath, selfTime, why } from './blame.ts';
import { SHOP, rawTrace, trace } from './fixture.ts';
import { placeOf, rowsOf } from './rows.ts';
import type { Row, View } from './rows.ts';
import { buildTrace } from './tree.ts';

const ALL: View = { collapsed: new Set(), unfolded: new Set(), find: '' };

function drawn(rows: readonly Row[]): string {
  const marks = { none: '', origin: ' ORIGIN', inherited: ' from below' };
  return rows
    .map((row) => {
      const { work } = row;
      const fold = row.count > 1 ? ` x${row.count}` : '';
      const hidden = row.hiddenCount > 0 ? ` +${row.hiddenCount} ${row.hiddenOutcome}` : '';
      const kind = work.isInferred ? ' inferred' : work.kind === 'missing' ? ' missing' : '';
      const bar = `${Math.round(work.start)}..${Math.round(work.start + row.length)}`;
      const name = work.kind === 'missing' ? '?' : work.name;
      return `${'  '.repeat(row.depth)}${name}${fold} ${bar}${kind}${marks[row.blame]}${hidden}`;
    })
    .join('\n');
}

describe('rows', () => {
  test('callers stand above those they call, and failures say where they began', () => {
    expect(drawn(rowsOf(trace(SHOP), ALL))).toMatchInlineSnapshot(`
      "front 0..120 from below
        cart 2..40
          cart 3..39
            table 4..38 inferred
        payment 44..117 from below
          payment 45..115 ORIGIN
            ledger 47..60"
    `);
  });

  test('what is collapsed says how much it hides and the worst of it', () => {
    const view = { ...ALL, collapsed: new Set(['0000000000000001']) };
    expect(drawn(rowsOf(trace(SHOP), view))).toMatchInlineSnapshot(
      `"front 0..120 from below +6 fault"`,
    );
  });

  test('more than five equal siblings are one row, until unfolded', () => {
    const calls = Array.from(
      { length: 6 },
      (_, index) => `  get ${index * 10}..${index * 10 + 8} remote`,
    );
    const loop = trace(`front 0..60\n${calls.join('\n')}`);
    expect(drawn(rowsOf(loop, ALL))).toMatchInlineSnapshot(`
      "front 0..60
        get x6 0..58"
    `);
    expect(rowsOf(loop, { ...ALL, unfolded: new Set(['0000000000000002']) })).toHaveLength(7);
    expect(rowsOf(trace(`front 0..60\n${calls.slice(1).join('\n')}`), ALL)).toHaveLength(6);
  });

  test('what is found says where', () => {
    const [work] = trace('front 0..10').works;
    if (!work) throw new Error('there is no work');
    Object.assign(work.document, {
      annotations: { team: 'alpha' },
      metadata: { default: { note: 'beta' } },
      sql: { sanitized_query: 'SELECT gamma' },
      cause: { exceptions: [{ type: 'Delta' }] },
      user: 'epsilon',
    });
    const places = ['front', 'alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta'];
    expect(places.map((text) => placeOf(work, text))).toEqual([
      'name',
      'annotations',
      'metadata',
      'sql',
      'exceptions',
      'other',
      undefined,
    ]);
  });

  test('a caller that was not received has a stand-in', () => {
    expect(drawn(rowsOf(trace('a 10..20 lost\nb 30..50 lost'), ALL))).toMatchInlineSnapshot(`
      "? 0..40 missing
        a 0..10
        b 20..40"
    `);
  });

  test('work without an end lasts until the end of what is known', () => {
    const open = trace('front 0..0 open\n  cart 10..40');
    expect(open.isInProgress).toBe(true);
    expect(drawn(rowsOf(open, ALL))).toMatchInlineSnapshot(`
      "front 0..40
        cart 10..40"
    `);
  });

  test('documents that are nonsense are passed over, and circles are cut', () => {
    const raw = rawTrace(SHOP);
    const circle = (id: string, parent: string) => ({
      Id: id,
      Document: JSON.stringify({
        id,
        name: id,
        parent_id: parent,
        start_time: 1790000000,
        end_time: 'x',
      }),
    });
    raw.Segments.push(
      { Id: 'x', Document: '{' },
      { Id: 'y', Document: '[1]' },
      circle('a', 'b'),
      circle('b', 'a'),
    );
    const built = buildTrace(raw);
    expect(built.works.map((work) => work.name)).toContain('a');
    expect(built.works.map((work) => work.name)).toContain('b');
    expect(buildTrace({ Id: 'z', Segments: [] })).toMatchObject({
      length: 0,
      works: [],
      startedAt: 0,
    });
  });

  test('a filter keeps the callers of what it finds', () => {
    const shop = trace(SHOP);
    const only = new Set(shop.works.filter((work) => work.name === 'ledger'));
    expect(drawn(rowsOf(shop, { ...ALL, only }))).toMatchInlineSnapshot(`
      "front 0..120 from below
        payment 44..117 from below
          payment 45..115 ORIGIN
            ledger 47..60"
    `);
  });

  test('text is found in names and documents, but not in those below', () => {
    const found = rowsOf(trace(SHOP), { ...ALL, find: 'LEDGER' }).filter((row) => row.isMatch);
    expect(found.map((row) => row.work.name)).toEqual(['ledger']);
  });

  test('a trace as deep as it is long does not overflow', () => {
    const segments = Array.from({ length: 20_000 }, (_, index) => ({
      Id: String(index),
      Document: JSON.stringify({
        id: `s${index}`, name: 'n', start_time: 1790000000, end_time: 1790000001,
        ...(index > 0 && { parent_id: `s${index - 1}` }),
      }), // prettier-ignore
    }));
    const deep = buildTrace({ Id: 'd', Segments: segments });
    expect(rowsOf(deep, ALL)).toHaveLength(20_000);
    expect(criticalPath(deep).length).toBeGreaterThan(0);
  });
});

describe('blame', () => {
  test('the critical path is what the end waited for', () => {
    const path = criticalPath(trace(SHOP)).map(
      ({ work, from, to }) => `${work.name} ${from}..${to}`,
    );
    expect(path).toMatchInlineSnapshot(`
      [
        "front 117..120",
        "payment 115..117",
        "payment 60..115",
        "ledger 47..60",
        "payment 45..47",
        "payment 44..45",
        "front 40..44",
        "cart 39..40",
        "cart 38..39",
        "table 4..38",
        "cart 3..4",
        "cart 2..3",
        "front 0..2",
      ]
    `);
  });

  test('the parts of the path add up to the whole', () => {
    const shop = trace(SHOP);
    const sum = criticalPath(shop).reduce((total, { from, to }) => total + to - from, 0);
    expect(sum).toBeCloseTo(shop.length, 6);
  });

  test('of children at the same time only the later one counts', () => {
    const path = criticalPath(trace('front 0..100\n  a 10..60\n  b 20..90'));
    expect(path.map(({ work, from, to }) => `${work.name} ${from}..${to}`)).toEqual([
      'front 90..100', 'b 20..90', 'front 0..20',
    ]); // prettier-ignore
  });

  test('self time is what no child covers', () => {
    const front = trace('front 0..100\n  a 10..60\n  b 20..90\n  c 95..130').roots[0];
    expect(front && selfTime(front)).toBe(15);
  });

  test('why names the slowest and the origin', () => {
    const { slowest, origin } = why(trace(SHOP));
    expect(slowest?.work.name).toBe('payment');
    expect(slowest?.share).toBeCloseTo(57 / 120, 6);
    expect([origin?.work.name, origin?.outcome, origin?.work.kind]).toEqual([
      'payment',
      'fault',
      'segment',
    ]);
    expect(why(trace('a 0..1')).origin).toBeUndefined();
  });

  test('an error that explains no fault leaves the fault where it is', () => {
    const [front, cart] = trace('front 0..9 fault\n  cart 1..2 error').works;
    expect([front && blameOf(front), cart && blameOf(cart)]).toEqual(['origin', 'origin']);
  });
});
