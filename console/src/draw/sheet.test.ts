// Every point of a sheet that is shown must lie where the camera has it, and no part of the view be bare.
import { expect, test } from 'vitest';
import { SPARE, shiftOf, sizeOf, within } from './sheet.ts';

const SIZE = { width: 1000, height: 600 };
const DRAWN = { x: 40, y: -80, scale: 0.5 };
const SHEET = { camera: DRAWN, spare: SPARE };

test('a point of the drawing lies where the camera has it', () => {
  for (const camera of [
    DRAWN,
    { x: 140, y: -180, scale: 0.5 },
    { x: 40, y: -80, scale: 0.55 },
    { x: -20, y: -20, scale: 0.45 },
  ]) {
    const shift = shiftOf(SHEET, camera, SIZE, true);
    const on = within(SHEET);
    expect(shift).toBeDefined();
    if (!shift) continue;
    const [x, y] = [300 * on.scale + on.x, 700 * on.scale + on.y];
    expect(x * shift.scale + shift.x).toBeCloseTo(300 * camera.scale + camera.x, 6);
    expect(y * shift.scale + shift.y).toBeCloseTo(700 * camera.scale + camera.y, 6);
  }
});

test('at rest the spare part lies outside', () => {
  expect(shiftOf(SHEET, DRAWN, SIZE, true)).toEqual({ x: -SPARE, y: -SPARE, scale: 1 });
  expect(sizeOf(SIZE, SPARE)).toEqual({ width: 1000 + SPARE * 2, height: 600 + SPARE * 2 });
});

test.each([
  ['too far to the right', { ...DRAWN, x: DRAWN.x + SPARE + 1 }],
  ['too far up', { ...DRAWN, y: DRAWN.y - SPARE - 1 }],
  ['too much larger', { ...DRAWN, scale: 0.65 }],
  ['too much smaller', { ...DRAWN, scale: 0.4 }],
  ['another detail', { ...DRAWN, scale: 0.419 }],
])('%s is drawn anew', (_, camera) => {
  expect(shiftOf(SHEET, camera, SIZE, true)).toBeUndefined();
});

test('what is moved by parts of a pixel stays sharp', () => {
  const shift = shiftOf(SHEET, { ...DRAWN, x: DRAWN.x + 0.4 }, SIZE, true);
  expect(shift).toEqual({ x: -SPARE, y: -SPARE, scale: 1 });
});

test('without leave to stretch every other scale is drawn anew', () => {
  expect(shiftOf(SHEET, { ...DRAWN, scale: 0.51 }, SIZE, false)).toBeUndefined();
  expect(shiftOf(SHEET, { ...DRAWN, x: 41 }, SIZE, false)).toBeDefined();
});
