// The outcomes of work, and how each is told from the others: by colour, glyph and pattern.

/** Worst last. */
export const OUTCOMES = ['ok', 'error', 'throttle', 'fault'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Flags as the API has them. */
export interface Flags {
  error?: boolean | undefined;
  throttle?: boolean | undefined;
  fault?: boolean | undefined;
}

/** Returns the worst that the flags say: a throttle is also an error, and a fault outweighs both. */
export function outcomeOf(flags: Flags): Outcome {
  if (flags.fault) return 'fault';
  if (flags.throttle) return 'throttle';
  return flags.error ? 'error' : 'ok';
}

export function worse(a: Outcome, b: Outcome): Outcome {
  return OUTCOMES.indexOf(a) >= OUTCOMES.indexOf(b) ? a : b;
}

/** Fills and strokes, for each theme; never for text. The style sheet has the same values. */
export const PALETTE = {
  light: { ok: '#2b9a84', error: '#b97400', fault: '#a8100f', throttle: '#7446b4' },
  dark: { ok: '#3fd9bd', error: '#ffb52e', fault: '#f2304c', throttle: '#8b68e2' },
} as const satisfies Record<string, Record<Outcome, string>>;

/** Twelve muted hues of equal lightness, in degrees, for services. */
const HUES = [212, 172, 262, 32, 312, 132, 232, 52, 192, 282, 342, 92];

/** Returns the hue of a service by its name, the same on every page. */
export function hueOf(name: string): number {
  let hash = 2166136261;
  for (let index = 0; index < name.length; index += 1) {
    hash = Math.imul(hash ^ name.charCodeAt(index), 16777619);
  }
  return HUES[(hash >>> 0) % HUES.length] ?? 212;
}
