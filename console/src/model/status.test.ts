// The status colours must be told apart by everyone, in both themes.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { OUTCOMES, PALETTE, outcomeOf } from './status.ts';

type Triple = [number, number, number];

function linear(hex: string): Triple {
  const part = (at: number) => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [part(1), part(3), part(5)];
}

function times(matrix: readonly Triple[], [a, b, c]: Triple): Triple {
  return matrix.map((row) => row[0] * a + row[1] * b + row[2] * c) as Triple;
}

/** Full dichromacy, in linear RGB (Machado, Oliveira and Fernandes, 2009, severity 1). */
const SIGHT: Record<string, Triple[]> = {
  normal: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protan: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deutan: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  tritan: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}; // prettier-ignore

function oklab(rgb: Triple): Triple {
  const [l, m, s] = times([
    [0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
  ], rgb).map((value) => Math.cbrt(Math.max(0, value))) as Triple; // prettier-ignore
  return times([
    [0.2104542553, 0.793617785, -0.0040720468], [1.9779984951, -2.428592205, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.808675766],
  ], [l, m, s]); // prettier-ignore
}

/** The distance of two colours in OKLab, times 100. */
function distance(a: string, b: string, sight: readonly Triple[]): number {
  const clip = (rgb: Triple) => rgb.map((value) => Math.min(1, Math.max(0, value))) as Triple;
  const [one, other] = [a, b].map((hex) => oklab(clip(times(sight, linear(hex)))));
  return 100 * Math.hypot(...(one ?? [0]).map((value, index) => value - (other?.[index] ?? 0)));
}

function contrast(a: string, b: string): number {
  const light = (hex: string) => {
    const [red, green, blue] = linear(hex);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05;
  };
  const [dark = 1, bright = 1] = [light(a), light(b)].sort((x, y) => x - y);
  return bright / dark;
}

const SURFACES = { light: ['#ffffff', '#f6f7f9'], dark: ['#161b24', '#0e1218'] };

describe.each(['light', 'dark'] as const)('the %s theme', (theme) => {
  test.each(Object.keys(SIGHT))('keeps outcomes apart for %s sight', (sight) => {
    for (const [index, one] of OUTCOMES.entries()) {
      for (const other of OUTCOMES.slice(index + 1)) {
        const apart = distance(PALETTE[theme][one], PALETTE[theme][other], SIGHT[sight] ?? []);
        expect(apart, `${one} and ${other}`).toBeGreaterThan(12);
      }
    }
  });

  test('stands out from the surfaces', () => {
    for (const surface of SURFACES[theme]) {
      for (const outcome of OUTCOMES) {
        expect(contrast(PALETTE[theme][outcome], surface), outcome).toBeGreaterThanOrEqual(3);
      }
    }
  });

  test('is the same in the style sheet', () => {
    const sheet = readFileSync(new URL('../views/tokens.css', import.meta.url), 'utf8');
    for (const outcome of OUTCOMES)
      expect(sheet).toContain(`--${outcome}: ${PALETTE[theme][outcome]};`);
  });
});

test('the check finds the usual green and red', () => {
  expect(distance('#1d8102', '#d13212', SIGHT['deutan'] ?? [])).toBeLessThan(12);
});

test('the worst flag counts', () => {
  expect(outcomeOf({})).toBe('ok');
  expect(outcomeOf({ error: true, throttle: true })).toBe('throttle');
  expect(outcomeOf({ error: true, fault: true })).toBe('fault');
});
