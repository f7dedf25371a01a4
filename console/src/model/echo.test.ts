import { expect, test } from 'vitest';
import { Echo } from './echo.ts';

test('what comes back late is the own text, what comes from elsewhere is not', () => {
  const echo = new Echo();
  for (const text of ['a', 'an', 'ann']) echo.tell(text);
  expect(echo.isOwn('an')).toBe(true);
  expect(echo.isOwn('a')).toBe(false);
  for (const text of ['ann', 'anna']) echo.tell(text);
  expect(echo.isOwn('fault')).toBe(false);
  expect(echo.isOwn('anna')).toBe(false);
  echo.tell('x');
  expect(echo.isOwn('x')).toBe(true);
  expect(echo.isOwn('x')).toBe(false);
});

test('it keeps no more in mind than can be on its way', () => {
  const echo = new Echo();
  for (let number = 0; number < 1_000; number += 1) echo.tell(String(number));
  expect(echo.isOwn('0')).toBe(false);
  echo.tell('1000');
  expect(echo.isOwn('1000')).toBe(true);
});
