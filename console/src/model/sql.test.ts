import { expect, test } from 'vitest';
import { formatSql } from './sql.ts';

test.each([
  ['SELECT a, b FROM t WHERE a = ? AND b = ?', 'SELECT a, b\nFROM t\nWHERE a = ?\n  AND b = ?'],
  [
    "INSERT INTO t (a) VALUES ('from here and there')",
    "INSERT INTO t (a)\nVALUES ('from here and there')",
  ],
  ['SELECT * FROM a LEFT JOIN b ON a.id = b.id', 'SELECT *\nFROM a\nLEFT JOIN b ON a.id = b.id'],
  ['already\nbroken FROM t', 'already\nbroken FROM t'],
  ['', ''],
])('%s', (query, formatted) => {
  expect(formatSql(query)).toBe(formatted);
});
