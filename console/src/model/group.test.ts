import { expect, test } from 'vitest';
import { freeName, groupOf, nameProblem } from './group.ts';

test.each([
  ['', 'empty'],
  ['x'.repeat(33), 'long'],
  ['two words', 'characters'],
  ['한국어', 'characters'],
  ['default', 'reserved'],
  ['shop', 'taken'],
  ['shop-2', undefined],
  ['x'.repeat(32), undefined],
])('the name %s: %s', (name, problem) => {
  expect(nameProblem(name, ['Default', 'shop'])).toBe(problem);
});

test('a copy gets a name that is free and not too long', () => {
  expect(freeName('shop', ['shop', 'shop-2'])).toBe('shop-3');
  const long = freeName('x'.repeat(32), []);
  expect(long).toBe(`${'x'.repeat(30)}-2`);
  expect(nameProblem(long, [])).toBeUndefined();
});

test('what the API leaves out is not set', () => {
  expect(groupOf({ GroupName: 'Default', FilterExpression: null })).toEqual({
    name: 'Default', arn: '', filter: '', hasInsights: false, hasNotifications: false,
  }); // prettier-ignore
});
