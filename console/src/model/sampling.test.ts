import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  NEW_RULE, covers, movesTo, narrowings, ordered, problemsOf, rawOf, ruleOf, shadowOf, updateOf,
} from './sampling.ts'; // prettier-ignore
import type { Rule } from './sampling.ts';

const rule = (name: string, priority: number, change: Partial<Rule> = {}): Rule => ({
  ...NEW_RULE,
  name,
  priority,
  ...change,
});
const names = (rules: readonly Rule[]) => rules.map((one) => one.name).join(' ');

test('SDKs try rules by priority, then by name, and Default last', () => {
  const all = [rule('Default', 10_000), rule('b', 5), rule('a', 5), rule('c', 1)];
  expect(names(ordered(all))).toBe('c a b Default');
});

describe('a move', () => {
  const all = [rule('a', 10), rule('b', 20), rule('c', 21), rule('Default', 10_000)];
  test.each([
    ['c', 0, [{ name: 'c', priority: 5 }]],
    [
      'a',
      1,
      [
        { name: 'b', priority: 100 },
        { name: 'a', priority: 200 },
        { name: 'c', priority: 300 },
      ],
    ],
    ['a', 2, [{ name: 'a', priority: 121 }]],
    ['b', 1, []],
    ['Default', 0, []],
  ])('%s to %d', (name, index, moves) => {
    expect(movesTo(all, name, index)).toEqual(moves);
  });

  test('leads to the place that was asked for, within the bounds', () => {
    const rules = fc.uniqueArray(
      fc.record({
        name: fc.stringMatching(/^[a-z]{1,4}$/),
        priority: fc.integer({ min: 1, max: 9999 }),
      }),
      { selector: (one) => one.name, minLength: 1, maxLength: 25 },
    );
    fc.assert(
      fc.property(rules, fc.nat(), fc.nat(), (given, who, where) => {
        const before = given.map((one) => rule(one.name, one.priority));
        const name = before[who % before.length]?.name ?? '';
        const index = where % before.length;
        const moves = new Map(movesTo(before, name, index).map((one) => [one.name, one.priority]));
        for (const priority of moves.values()) expect(priority >= 1 && priority <= 9999).toBe(true);
        const after = ordered(
          before.map((one) => ({ ...one, priority: moves.get(one.name) ?? one.priority })),
        );
        expect(after[index]?.name).toBe(name);
        const rest = (all: readonly Rule[]) => names(all.filter((one) => one.name !== name));
        expect(rest(after)).toBe(rest(ordered(before)));
      }),
    );
  });
});

describe('one pattern covers another', () => {
  test.each([
    ['*', 'anything*', true],
    ['/api/*', '/api/orders', true],
    ['/api/*', '/API/orders/*', true],
    ['/api/*', '/*', false],
    ['/api/?', '/api/*', false],
    ['/api/?*', '/api/a*', true],
    ['a*b', 'a*x*b', true],
    ['GET', 'get', true],
    ['GET', 'GETS', false],
    ['', '', true],
    ['*', '', true],
  ])('%s, %s: %s', (a, b, expected) => {
    expect(covers(a, b)).toBe(expected);
  });

  test('and then matches what the other matches', () => {
    const matches = (pattern: string, text: string) =>
      new RegExp(`^${pattern.replaceAll('?', '.').replaceAll('*', '.*')}$`, 'i').test(text);
    const pattern = fc.stringMatching(/^[ab*?]{0,6}$/);
    fc.assert(
      fc.property(pattern, pattern, fc.stringMatching(/^[ab]{0,8}$/), (a, b, text) => {
        if (covers(a, b) && matches(b, text)) expect(matches(a, text)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

test('a rule is never reached when an earlier one takes all that it could match', () => {
  const api = rule('api', 10, { path: '/api/*' });
  const orders = rule('orders', 20, { path: '/api/orders', method: 'POST' });
  const tier = rule('tier', 5, { attributes: [['tier', 'gold']] });
  const all = [orders, api, tier, rule('Default', 10_000)];
  expect(shadowOf(all, orders)?.name).toBe('api');
  expect(shadowOf(all, api)).toBeUndefined();
  expect(shadowOf([tier, orders], { ...orders, attributes: [['tier', 'gold']] })?.name).toBe(
    'tier',
  );
  expect(shadowOf([...all, rule('all', 30)], rule('new', 40))?.name).toBe('all');
});

test.each([
  [{ name: '' }, { name: 'empty' }],
  [{ name: 'x'.repeat(33) }, { name: 'long' }],
  [{ name: 'taken' }, { name: 'taken' }],
  [{ priority: 0 }, { priority: 'priority' }],
  [{ priority: 10_000 }, { priority: 'priority' }],
  [{ priority: 1.5 }, { priority: 'priority' }],
  [{ name: 'Default', priority: 10_000 }, {}],
  [{ reservoir: -1 }, { reservoir: 'count' }],
  [{ fixedRate: 1.01 }, { fixedRate: 'share' }],
  [{ fixedRate: NaN }, { fixedRate: 'share' }],
  [{ host: '' }, { host: 'empty' }],
  [{ method: 'x'.repeat(11) }, { method: 'long' }],
  [{ attributes: [['a', '']] }, { attributes: 'attributes' }],
  [
    {
      attributes: [
        ['a', 'b'],
        ['a', 'c'],
      ],
    },
    { attributes: 'key' },
  ],
  [{ boost: { maxRate: 0.2, cooldown: 0 } }, { boost: 'cooldown' }],
  [{ boost: { maxRate: 2, cooldown: 1 } }, { boost: 'share' }],
  [{}, {}],
] as [Partial<Rule>, object][])('what is wrong with %j', (change, problems) => {
  expect(problemsOf(rule('fine', 10, change), ['taken'])).toEqual(problems);
});

test('a rule goes to the API and back as it was', () => {
  const full = rule('full', 7, {
    path: '/a/*',
    attributes: [['tier', 'gold']],
    boost: { maxRate: 0.5, cooldown: 10 },
  });
  expect(ruleOf(rawOf(full))).toEqual(full);
  expect(rawOf(NEW_RULE)).not.toHaveProperty('SamplingRateBoost');
  expect(updateOf(full)).not.toHaveProperty('Version');
  expect(updateOf(rule('Default', 10_000, { fixedRate: 0.5 }))).toEqual({
    RuleName: 'Default',
    ReservoirSize: 1,
    FixedRate: 0.5,
  });
});

test('only what leaves something out is told', () => {
  const shown = narrowings(rule('a', 1, { path: '/x', attributes: [['tier', 'gold']] }));
  expect(shown).toEqual([
    { pattern: 'path', value: '/x' },
    { pattern: '[tier]', value: 'gold' },
  ]);
});
