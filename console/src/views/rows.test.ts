// Blocks must cover what is in view, and stay while they do.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { blocksOf } from './rows.ts';

test('what is in view is covered from any place to any other', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 1, max: 2_000 }),
      (tops, height) => {
        let blocks = { from: 0, to: 3 };
        for (const top of tops) {
          blocks = blocksOf(blocks, { top, height, block: 416 });
          expect(blocks.from * 416).toBeLessThanOrEqual(top);
          expect(blocks.to * 416).toBeGreaterThanOrEqual(top + height);
          expect((blocks.to - blocks.from) * 416).toBeLessThanOrEqual(height + 416 * 3);
        }
      },
    ),
  );
});

test('a small movement leaves the blocks as they are', () => {
  const blocks = blocksOf({ from: 0, to: 3 }, { top: 2_000, height: 600, block: 416 });
  expect(blocks).toEqual({ from: 4, to: 7 });
  expect(blocksOf(blocks, { top: 2_200, height: 600, block: 416 })).toBe(blocks);
  expect(blocksOf(blocks, { top: 2_400, height: 600, block: 416 })).toEqual({ from: 5, to: 8 });
});
